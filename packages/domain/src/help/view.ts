/** A challenge and the help offered for it, as views see them. */
import type { Day, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Beneficiary } from "@handfast/protocol/terms";
import { compareFacts, pinnedRefOf } from "../fact.ts";
import type { Fold } from "../kernel/fold.ts";
import { type ChallengeState, isCrossedAcceptance, isResolved, type Offer } from "./challenge.ts";

export type HelpOffer = {
  /** The entry that offers; whose payload holds the title. */
  readonly ref: Ref;
  readonly pinned: PinnedRef;
  readonly by: PartnerId;
  /** When it was offered, in milliseconds. */
  readonly at: number;
  /** `kept-warm`: open, while the challenge is resolved. */
  readonly state: "offered" | "accepted" | "declined" | "retracted" | "crossed" | "kept-warm";
  /** The entry that accepted it, crossed or not. */
  readonly accept: Ref | null;
  /** The part of it that was taken, where not the whole. */
  readonly acceptedPart: string | null;
  readonly part: string | null;
  readonly due: Day | null;
  readonly beneficiaries: readonly Beneficiary[] | null;
  readonly confirmers: readonly PartnerId[] | null;
};

/** `acknowledge` the challenge; `answer` an offer of help. */
type HelpMove = {
  readonly party: PartnerId | "anyone";
  readonly verb: "acknowledge" | "answer";
  readonly by: Day | null;
  readonly offer: Ref | null;
};

export type Challenge = {
  readonly ref: Ref;
  readonly owner: PartnerId;
  readonly at: number;
  readonly occurredAt: number | null;
  readonly state: "open" | "acknowledged" | "resolved";
  readonly ackBy: Day | null;
  /** Who said that they heard it, and when, in fold order; the first stops the waiting. */
  readonly acknowledgements: readonly { readonly by: PartnerId; readonly ref: Ref; readonly at: number }[];
  readonly offers: readonly HelpOffer[];
  readonly moves: readonly HelpMove[];
  /** The text that it came from, as its owner says. */
  readonly from: Ref | null;
  readonly externalId: string | null;
  readonly externalStatus: string | null;
  /** The entry whose payload holds the title. */
  readonly titledBy: Ref;
};

export function challengeOf(fold: Fold<ChallengeState>): Challenge | null {
  const { whole } = fold;
  if (whole === null) return null;
  const { fact, event } = whole.creation;
  const acknowledged = [...whole.acknowledgements].sort(compareFacts);
  const state = isResolved(whole) ? "resolved" : acknowledged.length > 0 ? "acknowledged" : "open";
  const offers = [...whole.offers.values()]
    .sort((a, b) => compareFacts(a.fact, b.fact))
    .map((offer) => offerOf(offer, isResolved(whole)));
  const ackBy = event.x.ackBy ?? null;
  return {
    ref: fact.ref,
    owner: fact.by,
    at: fact.at[0],
    occurredAt: event.x.occurredAt ?? null,
    state,
    ackBy,
    acknowledgements: acknowledged.map(({ by, ref, at }) => ({ by, ref, at: at[0] })),
    offers,
    moves: movesOf(fact.by, state, ackBy, offers),
    from: event.x.from ?? null,
    externalId: event.x.externalId ?? null,
    externalStatus: event.x.externalStatus ?? null,
    titledBy: fact.ref,
  };
}

function offerOf(offer: Offer, isWarm: boolean): HelpOffer {
  const { fact, event, retractions } = offer;
  const { part = null, due = null, beneficiaries = null, confirmers = null } = event.x;
  const [answer] = [...offer.answers].sort((a, b) => compareFacts(a.fact, b.fact));
  const accepted = answer?.event.type === "help.accepted" ? answer.event : null;
  const stateOf = (): HelpOffer["state"] => {
    if (answer !== undefined && accepted !== null) {
      return isCrossedAcceptance(answer.fact, offer) ? "crossed" : "accepted";
    }
    if (answer !== undefined) return "declined";
    if (retractions.length > 0) return "retracted";
    return isWarm ? "kept-warm" : "offered";
  };
  return {
    ref: fact.ref,
    pinned: pinnedRefOf(fact),
    by: fact.by,
    at: fact.at[0],
    state: stateOf(),
    accept: accepted === null ? null : (answer?.fact.ref ?? null),
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
