/** Handoffs as people see them: how far each offer of the lead got, and who moves next. */
import type { Entry } from "../fact.ts";
import { type Book, counting } from "./book.ts";
import { isEffective } from "./completion.ts";
import { cancelsCrossing, isCrossedAccept } from "./handoff.ts";
import { hasLeft, type Seat } from "./seat.ts";
import type { Handoff, HandoffMove, HandoffState } from "./state.ts";

/** Every offer that counts, in the order of visiting. */
export const handoffsOf = (book: Book, seat: Seat): readonly Handoff[] =>
  counting(book.all("handoff.offered"), book).map((offer) => {
    const { to, term, until = null, trialUntil = null } = offer.event.x;
    return {
      ...stateOf(offer, book, seat),
      offer: offer.fact.ref,
      from: offer.fact.by,
      to,
      term,
      until,
      trialUntil,
      at: offer.fact.at[0],
    };
  });

export const movesOf = (handoffs: readonly Handoff[]): readonly HandoffMove[] =>
  handoffs.flatMap((handoff) => moveIn(handoff) ?? []);

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

function stateOf(offer: Entry<"handoff.offered">, book: Book, seat: Seat): HandoffState {
  const { ref } = offer.fact;
  const isOver = offer.event.x.term !== seat.term || hasLeft(seat, book);
  const answers = counting(book.all("handoff.accepted", "handoff.declined"), book);
  const answer = answers.find((one) => one.event.x.offer === ref);
  const cancels = counting(book.all("handoff.cancelled"), book).filter((one) => one.event.x.offer === ref);
  if (answer?.event.type === "handoff.accepted") {
    return stateOfAccepted({ fact: answer.fact, event: answer.event }, cancels, isOver, book);
  }
  if (answer !== undefined) return { state: "declined" };
  if (cancels.length > 0) return { state: "cancelled" };
  return { state: isOver ? "over" : "offered" };
}

function stateOfAccepted(
  accepted: Entry<"handoff.accepted">,
  cancels: readonly Entry<"handoff.cancelled">[],
  isOver: boolean,
  book: Book,
): HandoffState {
  const accept = accepted.fact.ref;
  const completions = counting(book.all("handoff.completed"), book).filter(
    (one) => one.event.x.accept === accept,
  );
  const done = completions.find((one) => isEffective(one, book));
  if (done !== undefined) return { state: "completed", accept, completed: done.fact.ref };
  const [tried] = completions;
  if (tried !== undefined) return { state: "crossed", accept, completed: tried.fact.ref };
  const retractions = counting(book.all("handoff.acceptance-retracted"), book);
  if (retractions.some((one) => one.event.x.accept === accept)) return { state: "retracted", accept };
  if (cancels.length > cancelsCrossing(accepted, book).length) return { state: "cancelled" };
  if (isOver) return { state: "over" };
  return isCrossedAccept(accepted, book)
    ? { state: "crossed", accept, completed: null }
    : { state: "accepted", accept };
}
