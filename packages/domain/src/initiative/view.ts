/** An initiative as views see it: plain data, all that its entries come to. */
import type { Day, PartnerId, Ref } from "@handfast/protocol/ids";
import type { Cut } from "../cut.ts";
import { compareFacts, compareText, isBefore, wholePast } from "../fact.ts";
import type { Fold } from "../kernel/fold.ts";
import { completionsOfAccept, hasLeftSince, type Seat, seatsIn } from "../laws/transfer.ts";
import { cancelsCrossing, isCrossedAccept } from "./handoff.ts";
import {
  type Accept,
  type InitiativeState,
  isSeatCrossed,
  lastActOf,
  type Offer,
  type Status,
  statusOf,
} from "./state.ts";

type HandoffState =
  | { readonly state: "offered" | "declined" }
  /** By the giver, not knowing of an acceptance, or with one it knew of. */
  | { readonly state: "cancelled" }
  /** Waits for the giver to complete it. */
  | { readonly state: "accepted"; readonly accept: Ref }
  | { readonly state: "retracted"; readonly accept: Ref }
  /** `completed`: the entry that would have passed the lead on, where it got so far. */
  | { readonly state: "crossed"; readonly accept: Ref; readonly completed: Ref | null }
  | { readonly state: "completed"; readonly accept: Ref; readonly completed: Ref }
  /** Its term ended otherwise. */
  | { readonly state: "over" };

export type Handoff = HandoffState & {
  readonly offer: Ref;
  readonly from: PartnerId;
  readonly to: PartnerId;
  readonly term: number;
  readonly until: Day | null;
  readonly trialUntil: Day | null;
  /** When it was offered, in milliseconds. */
  readonly at: number;
};

/** `answer` an offer; `complete` a handoff; `settle` what crossed (reaffirm, or let it be). */
type HandoffMove = {
  readonly party: PartnerId;
  readonly verb: "answer" | "complete" | "settle";
  readonly by: Day | null;
  readonly offer: Ref;
};

export type Initiative = {
  readonly ref: Ref;
  readonly by: PartnerId;
  readonly at: number;
  readonly occurredAt: number | null;
  readonly status: Status;
  /** The word for its state where it was recorded first. */
  readonly externalStatus: string | null;
  /** The entry that noted it. */
  readonly statusNoted: Ref | null;
  /** The text that it came from, as its proposer says. */
  readonly from: Ref | null;
  readonly externalId: string | null;
  /** Who leads: `null` where the seat is open, or who held it left the network. */
  readonly lead: PartnerId | null;
  readonly term: number;
  /** Since when the seat is held: the entry, and its time in milliseconds. */
  readonly since: { readonly ref: Ref; readonly at: number };
  /** Everyone who held the seat, in order. */
  readonly leads: readonly {
    readonly term: number;
    readonly lead: PartnerId | null;
    readonly since: Ref;
    readonly at: number;
  }[];
  /** Sorted by partner id. */
  readonly participants: readonly PartnerId[];
  /** Who would lead, co-lead or shadow: the latest word of each partner. */
  readonly stepUps: readonly {
    readonly by: PartnerId;
    readonly as: "lead" | "co" | "shadow";
    readonly ref: Ref;
    readonly at: number;
  }[];
  readonly handoffs: readonly Handoff[];
  readonly moves: readonly HandoffMove[];
  /** The entry whose payload holds the title. */
  readonly titledBy: Ref;
};

export function initiativeOf(fold: Fold<InitiativeState>, cut: Cut): Initiative | null {
  const { whole } = fold;
  if (whole === null) return null;
  const { creation: fact } = whole;
  const x = fact.told.ok && fact.told.event.type === "initiative.proposed" ? fact.told.event.x : {};
  const seats = seatsIn(whole.seats);
  const seat = seats.at(-1) as Seat;
  const hasLeft = hasLeftSince(seat, cut.membership.departuresOf, wholePast);
  const handoffs = handoffsOf(whole, seat, hasLeft);
  const noted = lastActOf(whole.notes, whole);
  return {
    ref: fact.ref,
    by: fact.by,
    at: fact.at[0],
    occurredAt: x.occurredAt ?? null,
    status: statusOf(whole),
    externalStatus: noted?.value ?? null,
    statusNoted: noted?.fact.ref ?? null,
    from: x.from ?? null,
    externalId: x.externalId ?? null,
    lead: hasLeft ? null : seat.holder,
    term: seat.term,
    since: { ref: seat.since.ref, at: seat.since.at[0] },
    leads: seats.map(({ term, holder, since }) => ({
      term,
      lead: holder,
      since: since.ref,
      at: since.at[0],
    })),
    participants: participantsOf(whole, seat.holder, cut),
    stepUps: [...whole.stepUps.values()]
      .sort((a, b) => compareFacts(a.fact, b.fact))
      .map((one) => ({ by: one.fact.by, as: one.value, ref: one.fact.ref, at: one.fact.at[0] })),
    handoffs,
    moves: handoffs.flatMap((handoff) => moveIn(handoff) ?? []),
    titledBy: fact.ref,
  };
}

/** Who joined and did not leave since, neither the initiative nor the network. Leading alone makes nobody take part. */
const participantsOf = (
  { takingPart }: InitiativeState,
  lead: PartnerId | null,
  { membership }: Cut,
): readonly PartnerId[] =>
  [...takingPart]
    .filter(([partner, { value, fact }]) => {
      const isStill = () => membership.departuresOf(partner, wholePast).every((left) => isBefore(left, fact));
      return value && partner !== lead && isStill();
    })
    .map(([partner]) => partner)
    .sort(compareText);

/** Every offer that counts, in fold order. */
const handoffsOf = (state: InitiativeState, seat: Seat, hasLeft: boolean): readonly Handoff[] =>
  [...state.offers.values()]
    .sort((a, b) => compareFacts(a.fact, b.fact))
    .map((offer) => ({
      ...stateOf(offer, state, seat, hasLeft),
      offer: offer.fact.ref,
      from: offer.fact.by,
      to: offer.to,
      term: offer.term,
      until: offer.until,
      trialUntil: offer.trialUntil,
      at: offer.fact.at[0],
    }));

function stateOf(offer: Offer, state: InitiativeState, seat: Seat, hasLeft: boolean): HandoffState {
  const isOver = offer.term !== seat.term || hasLeft || isSeatCrossed(offer.under, state);
  const [answer] = [...offer.answers].sort((a, b) => compareFacts(a.fact, b.fact));
  const accept = answer?.accepts === true ? state.accepts.get(answer.fact.ref) : undefined;
  if (accept !== undefined) return stateOfAccepted(accept, offer, state, isOver);
  if (answer !== undefined) return { state: "declined" };
  if (offer.cancels.length > 0) return { state: "cancelled" };
  return { state: isOver ? "over" : "offered" };
}

function stateOfAccepted(
  accepted: Accept,
  offer: Offer,
  state: InitiativeState,
  isOver: boolean,
): HandoffState {
  const accept = accepted.fact.ref;
  const completions = [...completionsOfAccept(accept, state.seats)].sort((a, b) =>
    compareFacts(a.fact, b.fact),
  );
  const done = completions.find((one) => !one.isCrossed);
  if (done !== undefined) return { state: "completed", accept, completed: done.fact.ref };
  const [tried] = completions;
  if (tried !== undefined) return { state: "crossed", accept, completed: tried.fact.ref };
  if (accepted.retractions.length > 0) return { state: "retracted", accept };
  if (offer.cancels.length > cancelsCrossing(accepted, state).length) return { state: "cancelled" };
  if (isOver) return { state: "over" };
  return isCrossedAccept(accepted, state)
    ? { state: "crossed", accept, completed: null }
    : { state: "accepted", accept };
}

function moveIn(handoff: Handoff): HandoffMove | null {
  const { offer, from, to, until } = handoff;
  switch (handoff.state) {
    case "offered":
      return { party: to, verb: "answer", by: until, offer };
    case "accepted":
      return { party: from, verb: "complete", by: null, offer };
    case "crossed":
      // Completed, but crossed: the giver leads on, and offers anew or not.
      return handoff.completed === null ? { party: from, verb: "settle", by: null, offer } : null;
    case "declined":
    case "cancelled":
    case "retracted":
    case "completed":
    case "over":
      return null;
  }
}
