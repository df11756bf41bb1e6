/**
 * The book of one commitment: its entries that count, sorted by what they say. An entry is written in once the rules
 * let it pass; from then on its verdict is effective or crossed, never nothing.
 */
import type { EventOf } from "@handfast/protocol/events";
import type { PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Cut } from "../cut.ts";
import type { Fact } from "../fact.ts";
import type { Scope } from "./scope.ts";
import type { CreatingEvent, Terms } from "./terms.ts";

export type Stated = { readonly terms: Terms; readonly fact: Fact };

type Signature = {
  readonly terms: PinnedRef;
  readonly by: PartnerId;
  /** The entry that is the signature: the statement itself, an acceptance, or an offer of help. */
  readonly fact: Fact;
  /** The entry that makes it count here; another one only where an offer of help is the signature. */
  readonly since: Fact;
};

export type PullBack = {
  readonly terms: PinnedRef;
  readonly by: PartnerId;
  readonly fact: Fact;
  readonly how: "declined" | "retracted" | "countered" | "help-retracted" | "left";
};

/** What a party says about terms that crossed. */
export type Answer = {
  readonly terms: PinnedRef;
  readonly by: PartnerId;
  readonly fact: Fact;
  readonly says: "reaffirmed" | "let-go";
  /** Where several terms bound at once in its past: which. */
  readonly among: readonly PinnedRef[];
};

export type ActEvent = EventOf<
  | "commitment.progressed"
  | "commitment.claimed"
  | "commitment.confirmed"
  | "commitment.disputed"
  | "commitment.released"
  | "commitment.withdrawn"
  | "commitment.pledge-declined"
  | "commitment.carry-accepted"
  | "commitment.carried"
>;
/** Something done under terms that bind. */
export type Act<Event extends ActEvent = ActEvent> = { readonly fact: Fact; readonly event: Event };

export type Book = {
  readonly cut: Cut;
  readonly creation: Stated & { readonly event: CreatingEvent };
  /** Retractions of the offer of help this request came from that crossed with its acceptance. */
  readonly helpRetractions: readonly Fact[];
  /** What creates it, and every counter. */
  readonly stated: Stated[];
  readonly revisions: Stated[];
  readonly signatures: Signature[];
  readonly pullBacks: PullBack[];
  readonly answers: Answer[];
  /** By their type, each in the order of visiting. */
  readonly acts: Map<ActEvent["type"], Act[]>;
  /** For every entry that needs terms which bind: those that bound in its past. */
  readonly under: Map<Ref, PinnedRef>;
};

export function writeAct(book: Book, act: Act): null {
  const alike = book.acts.get(act.event.type);
  if (alike === undefined) book.acts.set(act.event.type, [act]);
  else alike.push(act);
  return null;
}

/** Acts of one type that are in scope, in the order of visiting. */
export const actsIn = <Type extends ActEvent["type"]>(
  book: Book,
  scope: Scope,
  type: Type,
): readonly Act<EventOf<Type>>[] =>
  (book.acts.get(type) ?? []).filter(
    (act): act is Act<EventOf<Type>> => act.event.type === type && scope(act.fact),
  );

/** The same, of those done under these terms: what was done under others that crossed with them does not count here. */
export const actsUnder = <Type extends ActEvent["type"]>(
  book: Book,
  scope: Scope,
  bound: Terms,
  type: Type,
): readonly Act<EventOf<Type>>[] =>
  actsIn(book, scope, type).filter((act) => book.under.get(act.fact.ref) === bound.pinned);

export const statedIn = (book: Book, scope: Scope, pinned: PinnedRef): Stated | undefined =>
  book.stated.find((one) => one.terms.pinned === pinned && scope(one.fact));

export const revisionIn = (book: Book, scope: Scope, pinned: PinnedRef): Stated | undefined =>
  book.revisions.find((one) => one.terms.pinned === pinned && scope(one.fact));

export const hasSigned = (book: Book, scope: Scope, terms: PinnedRef, by: PartnerId): boolean =>
  book.signatures.some((one) => one.terms === terms && one.by === by && scope(one.since));

export const isFullySigned = (book: Book, scope: Scope, terms: Terms): boolean =>
  terms.signers.every((signer) => hasSigned(book, scope, terms.pinned, signer));

/** Declined, retracted or countered: nobody signs them any more who knows. */
export const isClosed = (book: Book, scope: Scope, terms: PinnedRef): boolean =>
  book.pullBacks.some((one) => one.terms === terms && scope(one.fact));
