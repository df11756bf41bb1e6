/**
 * A challenge: what a partner struggles with and asks help for. Anyone may say that it heard; only the owner says that
 * it is resolved, and only the owner takes an offer of help or thanks for it.
 *
 * Entries are judged in the order of visiting, each by its own past alone; afterwards an acceptance is crossed by a
 * retraction that did not know of it (law L5).
 */
import type { EventOf } from "@handfast/protocol/events";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import { type Entry, type Fact, isBefore, isConcurrent, pinnedRefOf } from "../fact.ts";
import { creationOf, type Gated, gate } from "../gate.ts";
import { crossed, effective, fatesOf, type Verdict, without } from "../verdict.ts";
import type { Challenge, HelpMove, HelpOffer } from "./state.ts";

export type ChallengeFold = {
  /** `null` where the entry that was to create it has no effect. */
  readonly challenge: Challenge | null;
  /** What became of every entry of the subject. */
  readonly verdicts: ReadonlyMap<Ref, Verdict>;
};

type Turn = "challenge.resolved" | "challenge.reopened";
type Answer = "help.accepted" | "help.thanked-declined";
type AboutOffer = { readonly fact: Fact; readonly event: { readonly x: { readonly offer: Ref } } };

/** What counts so far, by what it says. */
type Book = {
  readonly owner: PartnerId;
  readonly acknowledged: Entry<"challenge.acknowledged">[];
  readonly turns: Entry<Turn>[];
  readonly offers: Map<Ref, Entry<"help.offered">>;
  readonly retractions: Entry<"help.retracted">[];
  readonly answers: (Entry<"help.accepted"> | Entry<"help.thanked-declined">)[];
};

export function foldChallenge(subject: Ref, cut: Cut): ChallengeFold {
  const facts = cut.factsOf(subject);
  const verdicts = new Map<Ref, Verdict>();
  const creation = creationOf("challenge.shared", subject, cut);
  const book: Book | null = creation && {
    owner: creation.fact.by,
    acknowledged: [],
    turns: [],
    offers: new Map(),
    retractions: [],
    answers: [],
  };

  for (const fact of facts) {
    const { event, reason } = gate(fact, "challenge", book !== null || fact.ref === subject, cut);
    const judged = event === null ? reason : book === null ? null : enter(fact, event, book);
    verdicts.set(fact.ref, judged === null ? effective : without(judged));
  }
  if (creation === null || book === null) return { challenge: null, verdicts };
  for (const answer of book.answers) {
    if (answer.event.type === "help.accepted" && isCrossed(answer, book)) {
      verdicts.set(answer.fact.ref, crossed);
    }
  }
  return { challenge: challengeOf(creation, book, facts, verdicts), verdicts };
}

/** Writes an entry into the book, or says why it does not count. */
function enter(fact: Fact, event: Gated<"challenge">, book: Book): Reason | null {
  const isOwner = fact.by === book.owner;
  switch (event.type) {
    case "challenge.shared":
    case "subject.merged":
      return null;
    case "challenge.acknowledged":
      if (isOwner) return "own-challenge";
      book.acknowledged.push({ fact, event });
      return null;
    case "challenge.resolved":
    case "challenge.reopened":
      if (!isOwner) return "not-the-owner";
      if (isResolvedBefore(fact, book) === (event.type === "challenge.resolved")) return "wrong-state";
      book.turns.push({ fact, event });
      return null;
    case "help.offered":
      if (isOwner) return "own-challenge";
      if (isResolvedBefore(fact, book)) return "challenge-resolved";
      book.offers.set(fact.ref, { fact, event });
      return null;
    case "help.retracted":
      return retract(fact, event, book);
    case "help.accepted":
    case "help.thanked-declined":
      return answer(fact, event, book);
  }
}

const isResolvedBefore = (fact: Fact, { turns }: Book): boolean =>
  turns.findLast((turn) => isBefore(turn.fact, fact))?.event.type === "challenge.resolved";

function retract(fact: Fact, event: EventOf<"help.retracted">, book: Book): Reason | null {
  const { offer } = event.x;
  if (book.offers.get(offer)?.fact.by !== fact.by) return "not-the-offerer";
  // An acceptance in its past that crossed did so with an earlier retraction, which closes it as well.
  const isClosed = [...book.retractions, ...acceptances(book)].some(
    (one) => one.event.x.offer === offer && isBefore(one.fact, fact),
  );
  if (isClosed) return "offer-closed";
  book.retractions.push({ fact, event });
  return null;
}

function answer(fact: Fact, event: EventOf<Answer>, book: Book): Reason | null {
  const { offer } = event.x;
  if (fact.by !== book.owner) return "not-the-owner";
  const before = (one: AboutOffer): boolean => one.event.x.offer === offer && isBefore(one.fact, fact);
  if (!book.offers.has(offer) || book.answers.some(before)) return "offer-closed";
  if (book.retractions.some(before)) return "offer-retracted";
  book.answers.push({ fact, event } as Book["answers"][number]);
  return null;
}

const acceptances = ({ answers }: Book) => answers.filter((one) => one.event.type === "help.accepted");

const isCrossed = ({ fact, event }: AboutOffer, { retractions }: Book): boolean =>
  retractions.some((one) => one.event.x.offer === event.x.offer && isConcurrent(one.fact, fact));

function challengeOf(
  { fact, event }: Entry<"challenge.shared">,
  book: Book,
  facts: readonly Fact[],
  verdicts: ReadonlyMap<Ref, Verdict>,
): Challenge {
  const isResolved = book.turns.at(-1)?.event.type === "challenge.resolved";
  const state = isResolved ? "resolved" : book.acknowledged.length > 0 ? "acknowledged" : "open";
  const offers = [...book.offers.values()].map((offer) => offerOf(offer, book, isResolved));
  const ackBy = event.x.ackBy ?? null;
  return {
    ref: fact.ref,
    owner: fact.by,
    at: fact.at[0],
    occurredAt: event.x.occurredAt ?? null,
    state,
    ackBy,
    acknowledgements: book.acknowledged.map((one) => ({
      by: one.fact.by,
      ref: one.fact.ref,
      at: one.fact.at[0],
    })),
    offers,
    moves: movesOf(fact.by, state, ackBy, offers),
    externalId: event.x.externalId ?? null,
    externalStatus: event.x.externalStatus ?? null,
    titledBy: fact.ref,
    ...fatesOf(facts, verdicts),
  };
}

function offerOf({ fact, event }: Entry<"help.offered">, book: Book, isResolved: boolean): HelpOffer {
  const { part = null, due = null, beneficiaries = null, confirmers = null } = event.x;
  const answered = book.answers.find((one) => one.event.x.offer === fact.ref);
  const accepted = answered?.event.type === "help.accepted" ? answered.event : null;
  const isRetracted = book.retractions.some((one) => one.event.x.offer === fact.ref);
  const stateOf = (): HelpOffer["state"] => {
    if (answered !== undefined && accepted !== null)
      return isCrossed(answered, book) ? "crossed" : "accepted";
    if (answered !== undefined) return "declined";
    if (isRetracted) return "retracted";
    return isResolved ? "kept-warm" : "offered";
  };
  return {
    ref: fact.ref,
    pinned: pinnedRefOf(fact),
    by: fact.by,
    at: fact.at[0],
    state: stateOf(),
    accept: accepted === null ? null : (answered?.fact.ref ?? null),
    acceptedPart: accepted?.x.part ?? null,
    part,
    due,
    beneficiaries,
    confirmers,
  };
}

function movesOf(
  owner: PartnerId,
  state: Challenge["state"],
  ackBy: Challenge["ackBy"],
  offers: readonly HelpOffer[],
): readonly HelpMove[] {
  const waiting: readonly HelpMove[] = offers
    .filter((offer) => offer.state === "offered")
    .map((offer) => ({ party: owner, verb: "answer", by: null, offer: offer.ref }));
  if (state !== "open") return waiting;
  return [{ party: "anyone", verb: "acknowledge", by: ackBy, offer: null }, ...waiting];
}
