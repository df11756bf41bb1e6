/**
 * Decides on this node's own view and appends, repeating as needed: when a subject that the decision read has moved in the
 * meantime, the ledger says so, and the decision is made again on what is there by then. An act that needs more entries than
 * one append holds is appended in parts.
 */

import type { AppendReply, AppendRequest, DraftEntry } from "@handfast/api/messages/ledger";
import type { Decision, Draft } from "@handfast/domain/decision";
import type { WholeView } from "@handfast/domain/whole";
import type { Projection } from "@handfast/projection/projection";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import type { Hash, Ref } from "@handfast/protocol/ids";

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
  readonly projection: Projection;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** Decisions on one command before giving up: the subject changes faster than it can be decided. */
const attempts = 5;
const catchUpMs = 2_000;
/** Appends of one act: 64 of 64 entries are as many as one subject may hold. */
const maxParts = 64;
/** A decision asks for the texts of terms that it is to sign; more rounds than subjects it may read make no sense. */
const textRounds = 4;

/** @throws {BusError} When the ledger cannot be asked; whether it acted is said by the fault's `outcome`. */
export async function decideAndAppend(attempt: Attempt, deps: DecidingDeps): Promise<Appended | Refused> {
  const { ledger, world } = deps.projection;
  let parts = 0;
  for (let count = 1; ; count++) {
    const decision = await decideWithTexts(attempt.decide, deps);
    if (!decision.ok) return "refusal" in decision ? refused(decision.refusal, decision.detail) : decision;
    const expect = [...new Set(decision.reads)].map((subject) => ({
      subject,
      heads: [...world.headsOf(subject)],
    }));
    const reply = await ledger.append({
      entries: decision.entries.map((draft) => entryOf(draft, attempt)),
      expect,
      ...(decision.continues === true ? keysOfPart(attempt, decision) : keysOf(attempt)),
    });
    if (reply.ok && decision.continues === true) {
      // Sent again, the act goes on where it is.
      if (++parts > maxParts) return refused("moved");
      await deps.projection.caughtUp(reply.position, catchUpMs);
      count = 0;
      continue;
    }
    if (reply.ok) return reply;
    if (reply.code !== "moved" || count === attempts) return refused(reply.code, reply.detail);
    await moved(expect, deps.projection);
  }
}

const keysOf = ({ key, request }: Attempt) => ({ key, request });

/**
 * A part is keyed by what it begins with, so that an act that was interrupted between two parts goes on where it was when
 * it is sent again: what is decided then begins with what is still missing.
 */
function keysOfPart({ key }: Attempt, { entries: [first] }: Extract<Decision, { ok: true }>) {
  const part = toB64u(labelledHash("handfast/part/v1", key, `${first.type} ${first.subject}`));
  return { key: part, request: part };
}

/** Resolves when the view shows other heads than were expected, which the ledger may know of before they are durable. */
async function moved(expect: AppendRequest["expect"], projection: Projection): Promise<void> {
  const isSeen = () =>
    expect.some(({ subject, heads }) => projection.world.headsOf(subject).join() !== heads.join());
  const deadline = performance.now() + catchUpMs;
  while (!isSeen() && performance.now() < deadline) {
    await projection.caughtUp(projection.position + 1, deadline - performance.now());
  }
}

/**
 * The domain asks whether texts are held and cannot wait for the answer. What it asked for and nobody knew is fetched, and
 * it is asked again.
 */
async function decideWithTexts(decide: Attempt["decide"], { projection, now }: DecidingDeps) {
  const { texts, world, self } = projection;
  for (let round = 1; ; round++) {
    const unknown = new Set<Ref>();
    const decision = decide({
      cut: world.now,
      self,
      today: dayOf(now()),
      holdsPayload: (ref) => {
        const isHeld = texts.isHeld(ref);
        // "Not held" may be out of date: texts come later than their entries.
        if (isHeld !== true && round === 1) unknown.add(ref);
        if (isHeld === undefined) unknown.add(ref);
        return isHeld === true;
      },
    });
    if (unknown.size === 0 || round === textRounds) return decision;
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

/** The day in UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
