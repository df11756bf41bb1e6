/**
 * Carrying: a pledge made as the lead of an initiative can go along when the lead is handed over. The receiver says
 * which terms it takes over, the giver's log completes it, and it stands or falls with the handoff itself (law L2).
 */
import type { EventOf } from "@handfast/protocol/events";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Cut } from "../cut.ts";
import type { Draft } from "../decision.ts";
import { type Fact, isBefore } from "../fact.ts";
import { addCarried, type CarryAccepted } from "./performance.ts";
import { findTerms } from "./standing.ts";
import { byDebtor, doneUnder, underTerms } from "./state.ts";
import type { Commitment } from "./view.ts";

export const carryAccepted = underTerms<"commitment.carry-accepted">({
  judge: ({ fact, event: { x } }, { seen, cut }) => {
    const { event } = seen.creation;
    const seat = event.type === "commitment.pledged" ? event.x.seat : undefined;
    const offer = cut.fact(x.offer);
    const fits =
      seat !== undefined &&
      offer?.subject === seat.initiative &&
      offer.told.ok &&
      offer.told.event.type === "handoff.offered" &&
      offer.told.event.x.to === fact.by &&
      cut.verdictOf(offer.ref)?.effect !== "none" &&
      findTerms(seen, x.terms) !== undefined;
    return fits ? null : "wrong-offer";
  },
  add: (state, { fact, event: { x }, note }) =>
    void doneUnder(state, note).carryAccepted.set(fact.ref, { fact, offer: x.offer, terms: x.terms }),
});

/** Entries that cross the handoff for everyone who knows of one of them, and who takes the pledge over. */
export type Carrying = { readonly to: PartnerId; readonly crossings: readonly Ref[] };

export const carried = byDebtor<"commitment.carried", Carrying>({
  judge: ({ fact, event: { x } }, { current, done, cut }) => {
    const completion = completionBy(fact, x.completed, cut);
    if (completion === null) return "wrong-offer";
    // What a completion without effect names may be nothing in its past.
    if (cut.verdictOf(x.completed)?.effect === "none") return "handoff-without-effect";
    const accept = done.carryAccepted.get(x.accepted);
    if (accept === undefined || !completes(completion, accept, cut)) return "wrong-offer";
    if (accept.terms !== current.pinned) return "stale-terms";
    if (done.hasClaims || done.isWithdrawn) return "wrong-state";
    return { to: accept.fact.by, crossings: cut.crossingsOf(x.completed).map((one) => one.ref) };
  },
  add: (state, { fact, note }) => {
    const crossings = new Set(note.crossings);
    const isCrossed = !crossings.isDisjointFrom(state.crossings);
    addCarried(doneUnder(state, note), { fact, to: note.to, crossings, isCrossed });
  },
});

type Completion = EventOf<"handoff.completed">;

/** A handoff that the author of this entry completed before. */
function completionBy(fact: Fact, ref: Ref, cut: Cut): Completion | null {
  const completed = cut.fact(ref);
  if (completed?.by !== fact.by || !completed.told.ok || !isBefore(completed, fact)) return null;
  const { event } = completed.told;
  return event.type === "handoff.completed" ? event : null;
}

/** Whether that was the very handoff the pledge was accepted with. */
function completes(completion: Completion, accept: CarryAccepted, cut: Cut): boolean {
  const handoff = cut.fact(completion.x.accept);
  return (
    handoff?.told.ok === true &&
    handoff.told.event.type === "handoff.accepted" &&
    handoff.told.event.x.offer === accept.offer &&
    handoff.by === accept.fact.by
  );
}

/** The receiver's word that it takes a pledge over with the lead. */
export const draftCarryAccepted = (commitment: Commitment, offer: Ref): Draft => ({
  type: "commitment.carry-accepted",
  subject: commitment.ref,
  x: { offer, terms: commitment.terms.current.pinned },
});

type Carried = Extract<Draft, { readonly type: "commitment.carried" }>;

/** The giver's last step for a pledge, where the receiver took over just the terms that are current. */
export function draftCarried(
  commitment: Commitment,
  offer: Ref,
  completed: Ref | `#${number}`,
): Carried | null {
  const accepted = commitment.carryAccepted.find(
    (one) => one.offer === offer && one.terms === commitment.terms.current.pinned,
  );
  if (accepted === undefined) return null;
  return { type: "commitment.carried", subject: commitment.ref, x: { completed, accepted: accepted.ref } };
}
