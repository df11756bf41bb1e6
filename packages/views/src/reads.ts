/**
 * What readers may ask: pages of things and of events, single things, now or as of any moment. The shapes are the API's
 * views; nothing here ranks, counts or compares partners.
 */

import type { Collection } from "@handfast/api/verbs";
import type { ChallengeView } from "@handfast/api/views/challenge";
import type { CommitmentView } from "@handfast/api/views/commitment";
import type { ConversationView, ThreadView } from "@handfast/api/views/conversation";
import type { EventView } from "@handfast/api/views/event";
import type { InitiativeView } from "@handfast/api/views/initiative";
import type { PartnerView } from "@handfast/api/views/partner";
import type { Moment } from "@handfast/domain/facts";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { ThingFilter } from "./find-things.ts";

export type { Moment, ThingFilter };
export type ViewOf = {
  readonly initiatives: InitiativeView;
  readonly commitments: CommitmentView;
  readonly challenges: ChallengeView;
  readonly conversations: ConversationView;
  readonly partners: PartnerView;
};

/** `after` and `next` are positions of this node. */
export type ListQuery = ThingFilter & {
  /** Null: now. */
  readonly at: Moment | null;
  readonly after: number;
  readonly limit: number;
};
/** As of a moment, a page may hold fewer things than asked for although there are more: `next` alone tells. */
export type Listed<View> = { readonly items: View[]; readonly next: number | null };

export type EventFilter = {
  readonly type?: string;
  /** A thing's ref, or the network's id. */
  readonly subject?: string;
  readonly by?: PartnerId;
};
export type ListedEvents = {
  readonly items: EventView[];
  /** Where the next page begins; null when everything was looked through. */
  readonly next: number | null;
  /** How far was looked: the place to go on from. */
  readonly upTo: number;
};

/** A thing named by an external id. */
export type Candidate = {
  readonly collection: Exclude<Collection, "partners">;
  readonly id: Ref;
  readonly title: string | null;
  readonly state: string;
};

/** Whose move it is, in things of which this node's own partner is a party. */
export type Move = {
  /** Null: anyone. */
  readonly party: PartnerId | null;
  readonly verb: string;
  /** A day; null where there is none. */
  readonly by: string | null;
  /** The offer, sponsorship or the like that it is about; null: the thing itself. */
  readonly ref: Ref | null;
  /** The thing; null: the network. */
  readonly thing: (Candidate & { readonly position: number }) | null;
};

export interface Reads {
  readonly position: number;
  /** Entries taken, and those that could not be. */
  readonly entries: number;
  readonly quarantined: number;
  /** Resolves true as soon as the views are at `position`, false when they are not within the time. */
  caughtUp(position: number, withinMs: number): Promise<boolean>;
  /** True as soon as anything stands after `position`; false when nothing does in time, or when it is aborted. */
  nextArrival(position: number, withinMs: number, signal: AbortSignal): Promise<boolean>;
  list<C extends Collection>(collection: C, query: ListQuery): Promise<Listed<ViewOf[C]>>;
  one<C extends Collection>(collection: C, id: string, at: Moment | null): Promise<ViewOf[C] | null>;
  /** A conversation with all that was said in it. */
  thread(id: Ref, at: Moment | null): Promise<ThreadView | null>;
  events(
    query: EventFilter & { readonly at: Moment | null; readonly after: number; readonly limit: number },
  ): Promise<ListedEvents>;
  /** All things with that external id, in order of arrival: more than one means that the caller has to choose. */
  withExternalId(externalId: string): Promise<readonly Candidate[]>;
  /** Moves of one partner and, beside them, those of anyone. Those with a day come first, the earliest before all. */
  movesOf(partner: PartnerId, limit: number): Promise<readonly Move[]>;
  /** The partner that a sponsorship or membership is about. */
  partnerOf(membership: Ref): PartnerId | null;
  /** What `admit` or `leave` is said of: the id itself, or for a partner's id its open sponsorship or its membership. */
  membershipFor(id: string, verb: string): Ref | null;
}

/** The views are being built: nothing can be read yet. */
export class ViewsNotReadyError extends Error {
  override readonly name = "ViewsNotReadyError";
  readonly code = "views-not-ready";
  readonly retry = "later";
  /** How far they are: `12000 of 31000 entries, about 40 s left`; null while that is unknown. */
  readonly progress: string | null;

  constructor(progress: string | null) {
    super(progress === null ? "the views are being built" : `the views are being built: ${progress}`);
    this.progress = progress;
  }
}
