/**
 * What readers may ask: pages of things and of events, single things, now or as of any moment. The shapes are the protocol's
 * views; nothing here ranks, counts or compares partners.
 */

import type { Collection } from "@handfast/api/verbs";
import type { ChallengeView } from "@handfast/api/views/challenge";
import type { CommitmentView } from "@handfast/api/views/commitment";
import type { InitiativeView } from "@handfast/api/views/initiative";
import type { PartnerView } from "@handfast/api/views/partner";
import type { Logger } from "@handfast/bus/logger";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { type EventFilter, type ListedEvents, readEvents } from "./event-reads.ts";
import type { Projection } from "./projection.ts";
import type { Arrival } from "./read-entry.ts";
import { challengeView, textsOfChallenge } from "./views/challenge.ts";
import { commitmentView, textsOfCommitment } from "./views/commitment.ts";
import { initiativeView } from "./views/initiative.ts";
import { membershipFor, partnerOf, partnersIn, partnerView } from "./views/partner.ts";
import { openReading, type Reading } from "./views/reading.ts";

export type { EventFilter, ListedEvents };
export type AtMoment = { readonly ms: number; readonly timeline: "recorded" | "occurred" };
export type ViewOf = {
  readonly initiatives: InitiativeView;
  readonly commitments: CommitmentView;
  readonly challenges: ChallengeView;
  readonly partners: PartnerView;
};

/** `after` and `next` are positions of this node. */
export type ListQuery = {
  /** Null: now. */
  readonly at: AtMoment | null;
  readonly after: number;
  readonly limit: number;
  readonly externalId?: string;
  readonly initiative?: Ref;
};
export type Listed<View> = { readonly items: View[]; readonly next: number | null };

export interface Reads {
  readonly position: number;
  caughtUp(position: number, withinMs: number): Promise<boolean>;
  /** True as soon as anything stands after `position`; false when nothing does in time, or when it is aborted. */
  nextArrival(position: number, withinMs: number, signal: AbortSignal): Promise<boolean>;
  list<C extends Collection>(collection: C, query: ListQuery): Promise<Listed<ViewOf[C]>>;
  one<C extends Collection>(collection: C, id: string, at: AtMoment | null): Promise<ViewOf[C] | null>;
  events(
    query: EventFilter & { readonly at: AtMoment | null; readonly after: number; readonly limit: number },
  ): Promise<ListedEvents>;
  /** The partner that a sponsorship or membership is about. */
  partnerOf(membership: Ref): PartnerId | null;
  /** What `admit` or `leave` is said of: the id itself, or for a partner's id its open sponsorship or its membership. */
  membershipFor(id: string, verb: string): Ref | null;
}
/** What answering a command asks. */
export type CommandReads = Pick<Reads, "caughtUp" | "one" | "partnerOf" | "membershipFor">;

export type ReadsOptions = {
  readonly projection: Projection;
  readonly logger?: Logger;
  /** Milliseconds since 1970; views such as `overdue` are functions of it. */
  readonly now?: () => number;
};

/** How each kind of thing is found, which texts it shows, and what it looks like. */
type Kind<C extends Collection, Found> = {
  find(id: string, reading: Reading): Found | null;
  texts(found: Found, reading: Reading): readonly Ref[];
  view(found: Found, reading: Reading): ViewOf[C];
};
const kind = <C extends Collection, Found>(_collection: C, one: Kind<C, Found>) => one;

const initiatives = kind("initiatives", {
  find: (id, { cut }) => cut.initiative(id),
  texts: ({ titledBy }) => [titledBy],
  view: initiativeView,
});
const commitments = kind("commitments", {
  find: (id, { cut }) => cut.commitment(id),
  texts: textsOfCommitment,
  view: commitmentView,
});
const challenges = kind("challenges", {
  find: (id, { cut }) => cut.challenge(id),
  texts: textsOfChallenge,
  view: challengeView,
});
const partners = kind("partners", { find: partnerView, texts: () => [], view: (found) => found });
const kinds = { initiatives, commitments, challenges, partners } as unknown as {
  readonly [C in Collection]: Kind<C, unknown>;
};

export function createReads({ projection, logger, now = Date.now }: ReadsOptions): Reads {
  const { world } = projection;
  const readingAt = (at: AtMoment | null): Reading => {
    const cut = at === null ? world.now : world.asOf({ atMs: at.ms, timeline: at.timeline });
    return openReading(projection, cut, at?.ms ?? now(), at === null);
  };
  /** One thing that cannot be told must not hide the others. */
  const guarded = <Value>(collection: Collection, id: string, act: () => Value | null): Value | null => {
    try {
      return act();
    } catch (err) {
      logger?.error({ event: "reads.thing-failed", collection, id, err });
      return null;
    }
  };

  const list = async <C extends Collection>(collection: C, query: ListQuery): Promise<Listed<ViewOf[C]>> => {
    const reading = readingAt(query.at);
    const { find, texts, view } = kinds[collection];
    const found: { readonly id: string; readonly thing: unknown }[] = [];
    let last = query.after;
    let next: number | null = null;
    for (const { id, position } of idsOf(collection, query, reading)) {
      const thing = guarded(collection, id, () => find(id, reading));
      if (thing === null) continue;
      if (found.length === query.limit) {
        next = last;
        break;
      }
      found.push({ id, thing });
      last = position;
    }
    await projection.texts.load(found.flatMap(({ thing }) => texts(thing, reading)));
    const items = found.flatMap(({ id, thing }) => guarded(collection, id, () => view(thing, reading)) ?? []);
    return { items: items as ViewOf[C][], next };
  };

  return {
    get position() {
      return projection.position;
    },
    caughtUp: (position, withinMs) => projection.caughtUp(position, withinMs),
    nextArrival: async (position, withinMs, signal) => {
      const aborted = new Promise<boolean>((resolve) => {
        if (signal.aborted) resolve(false);
        signal.addEventListener("abort", () => resolve(false), { once: true });
      });
      return Promise.race([projection.caughtUp(position + 1, withinMs), aborted]);
    },
    list,
    one: async (collection, id, at) => {
      const reading = readingAt(at);
      const { find, texts, view } = kinds[collection];
      const thing = find(id, reading);
      if (thing === null) return null;
      await projection.texts.load(texts(thing, reading));
      return view(thing, reading);
    },
    events: ({ at, ...query }) => readEvents(query, readingAt(at)),
    partnerOf: (membership) => partnerOf(membership, readingAt(null)),
    membershipFor: (id, verb) => membershipFor(id, verb, readingAt(null)),
  };
}

/** What a list goes through, each with the position it stands at; a partner's is its place in the order of hearing of it. */
function* idsOf(
  collection: Collection,
  { after, externalId, initiative }: ListQuery,
  reading: Reading,
): Generator<{ readonly id: string; readonly position: number }> {
  if (collection === "partners") {
    const all = partnersIn(reading).map((id, index) => ({ id, position: index + 1 }));
    return yield* all.slice(after);
  }
  for (const { fact, position, x } of reading.projection.things[collection].after(after)) {
    if (externalId !== undefined && x["externalId"] !== externalId) continue;
    if (initiative !== undefined && !concerns(x, initiative)) continue;
    if (reading.cut.fact(fact.ref) !== undefined) yield { id: fact.ref, position };
  }
}

/** Whether a commitment says that it is for an initiative, made as its lead, or come from it. */
const concerns = ({ beneficiaries, seat, origin }: Arrival["x"], initiative: Ref): boolean =>
  (Array.isArray(beneficiaries) && beneficiaries.includes(initiative)) ||
  (seat as { readonly initiative?: unknown } | undefined)?.initiative === initiative ||
  origin === initiative;
