/**
 * Handing over the lead, in three steps: the lead offers, the receiver accepts, the lead completes (law L2). Until it is
 * completed the giver leads. What each side took back without knowing of the other's step is crossed, and the lead
 * stays where it was (law L5).
 */
import type { Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import { type Fact, isConcurrent } from "../fact.ts";
import type { Rule } from "../kernel/machine.ts";
import { addCompletion, addRetraction, completionsOfAccept, hasEnded } from "../laws/transfer.ts";
import { byLead, seatOfAuthor, type Under } from "./lifecycle.ts";
import type { Accept, InitiativeState, Offer } from "./state.ts";

export const offered = byLead<"handoff.offered">({
  judge: ({ fact, event }) => (event.x.to === fact.by ? "handoff-to-self" : null),
  add: (state, { fact, event: { x }, note }) => {
    const { to, term, until = null, trialUntil = null } = x;
    state.offers.set(fact.ref, { fact, to, term, until, trialUntil, ...note, cancels: [], answers: [] });
  },
});

function judgeAnswer(fact: Fact, named: Ref, seen: InitiativeState): Reason | null {
  const offer = seen.offers.get(named);
  if (offer?.to !== fact.by) return "not-the-receiver";
  if (offer.answers.length > 0) return "already-answered";
  if (offer.cancels.length > 0) return "handoff-cancelled";
  return hasEnded(offer.term, seen.seats) ? "handoff-closed" : null;
}

export const accepted: Rule<InitiativeState, "handoff.accepted", null> = {
  judge: ({ fact, event }, seen) => judgeAnswer(fact, event.x.offer, seen),
  add: (state, { fact, event: { x } }) => {
    state.offers.get(x.offer)?.answers.push({ fact, accepts: true });
    state.accepts.set(fact.ref, { fact, offer: x.offer, retractions: [], isReaffirmed: false });
  },
};

export const declined: Rule<InitiativeState, "handoff.declined", null> = {
  judge: ({ fact, event }, seen) => judgeAnswer(fact, event.x.offer, seen),
  add: (state, { fact, event }) =>
    void state.offers.get(event.x.offer)?.answers.push({ fact, accepts: false }),
};

export const acceptanceRetracted: Rule<InitiativeState, "handoff.acceptance-retracted", null> = {
  judge: ({ fact, event }, seen) => {
    const accept = seen.accepts.get(event.x.accept);
    if (accept?.fact.by !== fact.by) return "not-the-receiver";
    if (accept.retractions.length > 0) return "already-retracted";
    return isCompleted(accept, seen) ? "handoff-closed" : null;
  },
  add: (state, { fact, event }) => {
    state.accepts.get(event.x.accept)?.retractions.push(fact);
    addRetraction(state.seats, event.x.accept, fact);
  },
};

export const cancelled: Rule<InitiativeState, "handoff.cancelled", null> = {
  judge: ({ fact, event }, seen) => {
    const offer = seen.offers.get(event.x.offer);
    if (offer?.fact.by !== fact.by) return "not-the-giver";
    if (offer.cancels.length > 0) return "already-cancelled";
    return acceptsOf(offer, seen).some((accept) => isCompleted(accept, seen)) ? "handoff-closed" : null;
  },
  add: (state, { fact, event }) => void state.offers.get(event.x.offer)?.cancels.push(fact),
};

export const reaffirmed: Rule<InitiativeState, "handoff.reaffirmed", null> = {
  judge: ({ fact, event }, seen) => {
    const accept = seen.accepts.get(event.x.accept);
    const offer = accept && seen.offers.get(accept.offer);
    if (accept === undefined || offer?.fact.by !== fact.by) return "not-crossed";
    return cancelsCrossing(accept, seen).length > 0 ? null : "not-crossed";
  },
  add: (state, { event }) => {
    const accept = state.accepts.get(event.x.accept);
    if (accept !== undefined) accept.isReaffirmed = true;
  },
};

type Passing = Under & { readonly term: number; readonly receiver: Fact["by"] };

export const completed: Rule<InitiativeState, "handoff.completed", Passing> = {
  judge: ({ fact, event }, seen, cut) => {
    const accept = seen.accepts.get(event.x.accept);
    const offer = accept && seen.offers.get(accept.offer);
    if (accept === undefined || offer === undefined) return "not-accepted";
    const seat = offer.fact.by === fact.by ? seatOfAuthor(fact, seen, cut) : null;
    if (seat?.term !== offer.term) return "not-the-lead";
    // Completing an acceptance that crossed with one's own cancelling stands by it.
    if (offer.cancels.length > cancelsCrossing(accept, seen).length) return "handoff-cancelled";
    if (accept.retractions.length > 0) return "acceptance-retracted";
    const receiver = accept.fact.by;
    if (!cut.membership.isActive(receiver, fact.past)) return "receiver-not-a-member";
    return { under: seat.by?.fact.ref ?? null, term: offer.term, receiver };
  },
  add: (state, { fact, event, note: { under, term, receiver } }) =>
    addCompletion(state.seats, { fact, accept: event.x.accept, receiver, term, underRef: under }),
};

const acceptsOf = ({ answers }: Offer, { accepts }: InitiativeState): readonly Accept[] =>
  answers.flatMap(({ fact }) => accepts.get(fact.ref) ?? []);

/** Whether an acceptance passed the lead on, for a reader of this state. */
const isCompleted = ({ fact }: Accept, { seats }: InitiativeState): boolean =>
  completionsOfAccept(fact.ref, seats).some((one) => !one.isCrossed);

/** Cancellations of its offer that did not know of an acceptance. */
export const cancelsCrossing = ({ fact, offer }: Accept, { offers }: InitiativeState): readonly Fact[] =>
  offers.get(offer)?.cancels.filter((cancel) => isConcurrent(cancel, fact)) ?? [];

export const isCrossedAccept = (accept: Accept, state: InitiativeState): boolean =>
  cancelsCrossing(accept, state).length > 0 && !accept.isReaffirmed && !isCompleted(accept, state);
