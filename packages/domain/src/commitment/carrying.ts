/**
 * Carrying: a pledge made as the lead of an initiative can go along when the lead is handed over. The receiver says
 * which terms it takes over, the giver's log completes it, and it stands or falls with the handoff itself (law L2).
 */
import type { EventOf } from "@handfast/protocol/events";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import type { Draft } from "../decision.ts";
import { type Fact, isBefore } from "../fact.ts";
import { type Act, actsUnder, type Book, revisionIn, statedIn } from "./book.ts";
import { performanceIn } from "./performance.ts";
import type { InForce } from "./revision.ts";
import { pastOf, type Scope } from "./scope.ts";
import type { Commitment } from "./state.ts";
import type { Terms } from "./terms.ts";

/** Who owes what was bound, for whoever sees what is in scope: the last one it was carried to. */
export function debtorIn(book: Book, scope: Scope, bound: Terms): PartnerId {
  const carried = actsUnder(book, scope, bound, "commitment.carried").filter(
    (act) => completionOf(act.event, book.cut)?.effect === "effective",
  );
  const last = carried.at(-1);
  const accepted = last === undefined ? undefined : book.cut.fact(last.event.x.accepted);
  return accepted?.by ?? bound.debtor;
}

export const completionOf = ({ x }: EventOf<"commitment.carried">, cut: Cut) => cut.verdictOf(x.completed);

export function judgeCarryAccepted(
  fact: Fact,
  { x }: EventOf<"commitment.carry-accepted">,
  book: Book,
): Reason | null {
  const { event } = book.creation;
  const seat = event.type === "commitment.pledged" ? event.x.seat : undefined;
  const offer = book.cut.fact(x.offer);
  const past = pastOf(fact);
  const fits =
    seat !== undefined &&
    offer?.subject === seat.initiative &&
    offer.told.ok &&
    offer.told.event.type === "handoff.offered" &&
    offer.told.event.x.to === fact.by &&
    book.cut.verdictOf(offer.ref)?.effect !== "none" &&
    (statedIn(book, past, x.terms) ?? revisionIn(book, past, x.terms)) !== undefined;
  return fits ? null : "wrong-offer";
}

export function judgeCarried(
  fact: Fact,
  { x }: EventOf<"commitment.carried">,
  { bound, current, debtor }: InForce,
  book: Book,
): Reason | null {
  if (fact.by !== debtor) return "not-the-debtor";
  const past = pastOf(fact);
  const accepted = actsUnder(book, past, bound, "commitment.carry-accepted").find(
    (act) => act.fact.ref === x.accepted,
  );
  if (accepted === undefined || !completes(fact, x.completed, accepted, book.cut)) return "wrong-offer";
  if (accepted.event.x.terms !== current.terms.pinned) return "stale-terms";
  const before = performanceIn(book, past, bound);
  if (before.claims.length > 0 || before.withdrawn) return "wrong-state";
  return book.cut.verdictOf(x.completed)?.effect === "none" ? "handoff-without-effect" : null;
}

/** Whether the giver completed the very handoff the pledge was accepted with. */
function completes(
  fact: Fact,
  completedRef: Ref,
  { event, fact: accept }: Act<EventOf<"commitment.carry-accepted">>,
  cut: Cut,
): boolean {
  const completed = cut.fact(completedRef);
  if (completed?.by !== fact.by || !completed.told.ok) return false;
  if (completed.told.event.type !== "handoff.completed") return false;
  const handoff = cut.fact(completed.told.event.x.accept);
  return (
    handoff?.told.ok === true &&
    handoff.told.event.type === "handoff.accepted" &&
    handoff.told.event.x.offer === event.x.offer &&
    handoff.by === accept.by &&
    isBefore(completed, fact)
  );
}

/** The receiver's word that it takes a pledge over with the lead. */
export const carryAccepted = (commitment: Commitment, offer: Ref): Draft => ({
  type: "commitment.carry-accepted",
  subject: commitment.ref,
  x: { offer, terms: commitment.terms.current.pinned },
});

/** The giver's last step for a pledge, where the receiver took over just the terms that are current. */
export function carried(commitment: Commitment, offer: Ref, completed: Ref | `#${number}`): Carried | null {
  const accepted = commitment.carryAccepted.find(
    (one) => one.offer === offer && one.terms === commitment.terms.current.pinned,
  );
  if (accepted === undefined) return null;
  return { type: "commitment.carried", subject: commitment.ref, x: { completed, accepted: accepted.ref } };
}
type Carried = Extract<Draft, { readonly type: "commitment.carried" }>;
