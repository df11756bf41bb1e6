/**
 * Decides on this node's own view and appends, repeating as needed: when a subject that the decision read has moved in the
 * meantime, the ledger says so, and the decision is made again on what is there by then. An act that needs more entries than
 * one append holds is appended in parts.
 */

import type { AppendReply, AppendRequest, DraftEntry } from "@handfast/api/messages/ledger";
import type { Accepted, Decision, Draft } from "@handfast/domain/decision";
import { pinnedRefOf } from "@handfast/domain/fact";
import type { WholeView } from "@handfast/domain/whole";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import { type Hash, type Ref, unpin } from "@handfast/protocol/ids";
import type { Views } from "@handfast/views/views";

export type Appended = Extract<AppendReply, { ok: true }>;
export type Refused = {
  readonly ok: false;
  readonly code: string;
  readonly detail?: string;
  readonly actual?: string;
};

export type Attempt = {
  /** Pure, and asked again after every move. */
  readonly decide: (view: WholeView) => Decision | Refused;
  /** Idempotency: the ledger answers the same key with the same refs. */
  readonly key: Hash;
  readonly request: Hash;
  /** When what is recorded happened, as its author states it; for entries that say nothing else themselves. */
  readonly occurredAt?: number;
  /** Members added to the payload of every entry. */
  readonly body?: { readonly [key: string]: string };
};

export type DecidingDeps = {
  readonly views: Views;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** Decisions on one command before giving up: the subject changes faster than it can be decided. */
const attempts = 5;
const catchUpMs = 2_000;
/** Appends of one act: 64 of 64 entries are as many as one subject may hold. */
const maxParts = 64;

/** @throws {BusError} When the ledger cannot be asked; whether it acted is said by the fault's `outcome`. */
export async function decideAndAppend(attempt: Attempt, deps: DecidingDeps): Promise<Appended | Refused> {
  const { views } = deps;
  let parts = 0;
  for (let count = 1; ; count++) {
    const decision = await decideWithTexts(attempt.decide, deps);
    if (!decision.ok) return "refusal" in decision ? refused(decision.refusal, decision.detail) : decision;
    if (decision.standing !== undefined) return answeredBy(decision.standing, views);
    const expect = [...new Set(decision.reads)].map((subject) => ({
      subject,
      heads: [...views.world.headsOf(subject)],
    }));
    const entries = decision.entries.map((draft) => entryOf(draft, attempt));
    const isPart = decision.continues === true;
    const keys = isPart ? keysOfPart(attempt, decision) : keysOf(attempt);
    const reply = await views.ledger.append({ entries, expect, ...keys });
    if (reply.ok) {
      await views.takeAppended(reply.entries, bodiesOf(entries, reply));
      if (!isPart) return reply;
      // Sent again, the act goes on where it is.
      if (++parts > maxParts) return refused("moved");
      await views.caughtUp(reply.position, catchUpMs);
      count = 0;
    } else if (reply.code !== "moved" || count === attempts) {
      return refused(reply.code, reply.detail);
    } else {
      await moved(expect, views);
    }
  }
}

/** What was written in the entries, by ref: the views need not ask for what they have just said. */
function bodiesOf(entries: readonly DraftEntry[], { refs }: Appended) {
  const bodies = new Map<Ref, NonNullable<DraftEntry["body"]>>();
  for (const [index, { body }] of entries.entries()) {
    const ref = refs[index];
    if (ref !== undefined && body !== undefined) bodies.set(unpin(ref), body);
  }
  return bodies;
}

/** What was asked stands already: the entry that says so is the answer, as a repetition of its own command's would be. */
function answeredBy(ref: Ref, { world, position }: Views): Appended | Refused {
  const fact = world.now.fact(ref);
  if (fact === undefined) return refused("not-found", ref);
  return { ok: true, refs: [pinnedRefOf(fact)], position, replayed: true, entries: [] };
}

const keysOf = ({ key, request }: Attempt) => ({ key, request });

/**
 * A part is keyed by what it begins with, so that an act that was interrupted between two parts goes on where it was when
 * it is sent again: what is decided then begins with what is still missing.
 */
function keysOfPart({ key }: Attempt, { entries: [first] }: Accepted) {
  const part = toB64u(labelledHash("handfast/part/v1", key, `${first.type} ${first.subject}`));
  return { key: part, request: part };
}

/** Resolves when the view shows other heads than were expected, which the ledger may know of before they are durable. */
async function moved(expect: AppendRequest["expect"], views: Views): Promise<void> {
  const isSeen = () =>
    expect.some(({ subject, heads }) => views.world.headsOf(subject).join() !== heads.join());
  const deadline = performance.now() + catchUpMs;
  while (!isSeen() && performance.now() < deadline) {
    await views.caughtUp(views.position + 1, deadline - performance.now());
  }
}

/**
 * The domain asks whether texts are held and cannot wait for the answer. What it asked for and nobody knew is fetched, and
 * it is asked again.
 */
async function decideWithTexts(decide: Attempt["decide"], { views, now }: DecidingDeps) {
  const { texts, world, self } = views;
  for (let round = 1; ; round++) {
    const unknown = new Set<Ref>();
    const decision = decide({
      cut: world.now,
      self,
      nowMs: now(),
      holdsPayload: (ref) => {
        const isHeld = texts.isHeld(ref);
        // "Not held" may be out of date: texts come later than their entries.
        if (!isHeld && round === 1) unknown.add(ref);
        return isHeld;
      },
    });
    if (unknown.size === 0) return decision;
    await texts.load(unknown);
  }
}

const refused = (code: string, detail?: string): Refused => ({
  ok: false,
  code,
  ...(detail === undefined ? {} : { detail }),
});

/** Entries appended together happened together. */
function entryOf(draft: Draft, { body: more, occurredAt }: Attempt): DraftEntry {
  const body = { ...draft.body, ...more } as NonNullable<DraftEntry["body"]>;
  return {
    type: draft.type,
    subject: draft.subject,
    x: { ...(occurredAt === undefined ? {} : { occurredAt }), ...draft.x } as DraftEntry["x"],
    ...(Object.keys(body).length === 0 ? {} : { body }),
  };
}
