/**
 * Handing over the lead, in three steps: the lead offers, the receiver accepts, the lead completes (law L2). Until it is
 * completed the giver leads. What each side took back without knowing of the other's step is crossed, and the lead
 * stays where it was (law L5).
 */
import type { EventOf } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import { type Entry, type Fact, isConcurrent } from "../fact.ts";
import { type Book, countingBefore, entryOf, type Placed } from "./book.ts";
import { completedBefore, isEffective, offerOf } from "./completion.ts";
import { seatHeldAt } from "./seat.ts";

type Accepted = Entry<"handoff.accepted">;

const counts = <E extends Placed>(entry: E | undefined, book: Book): E | undefined =>
  entry !== undefined && book.reasonOf(entry.fact) === null ? entry : undefined;
const countingOffer = (ref: Ref, book: Book) => counts(entryOf(book, "handoff.offered", ref), book);
const countingAccept = (ref: Ref, book: Book) => counts(entryOf(book, "handoff.accepted", ref), book);

const cancelledBefore = (fact: Fact, offer: Ref, book: Book) =>
  countingBefore(
    fact,
    book.all("handoff.cancelled").filter((one) => one.event.x.offer === offer),
    book,
  );

const retractedBefore = (fact: Fact, accept: Ref, book: Book) =>
  countingBefore(
    fact,
    book.all("handoff.acceptance-retracted").filter((one) => one.event.x.accept === accept),
    book,
  );

/** Cancellations of its offer that did not know of an acceptance. */
export const cancelsCrossing = ({ fact, event }: Accepted, book: Book) =>
  book
    .all("handoff.cancelled")
    .filter((one) => one.event.x.offer === event.x.offer && isConcurrent(one.fact, fact))
    .filter((one) => book.reasonOf(one.fact) === null);

/** Whether the giver stood by an acceptance after all: by a word, or by completing it. */
const isStoodBy = (accept: Ref, book: Book): boolean =>
  book
    .all("handoff.reaffirmed")
    .some((one) => one.event.x.accept === accept && book.reasonOf(one.fact) === null) ||
  book.all("handoff.completed").some((one) => one.event.x.accept === accept && isEffective(one, book));

export const isCrossedAccept = (accepted: Accepted, book: Book): boolean =>
  cancelsCrossing(accepted, book).length > 0 && !isStoodBy(accepted.fact.ref, book);

export function judgeOffered(fact: Fact, { x }: EventOf<"handoff.offered">, book: Book): Reason | null {
  if (seatHeldAt(fact, book)?.term !== x.term) return "not-the-lead";
  return x.to === fact.by ? "handoff-to-self" : null;
}

export function judgeAnswer(
  fact: Fact,
  { x }: EventOf<"handoff.accepted" | "handoff.declined">,
  book: Book,
): Reason | null {
  const offer = countingOffer(x.offer, book);
  if (offer?.event.x.to !== fact.by) return "not-the-receiver";
  const answers = book
    .all("handoff.accepted", "handoff.declined")
    .filter((one) => one.event.x.offer === x.offer && one.fact.by === fact.by);
  if (countingBefore(fact, answers, book).length > 0) return "already-answered";
  if (cancelledBefore(fact, x.offer, book).length > 0) return "handoff-cancelled";
  const over = completedBefore(fact, book).some(
    (one) => offerOf(one.event.x.accept, book)?.event.x.term === offer.event.x.term,
  );
  return over ? "handoff-closed" : null;
}

export function judgeRetracted(
  fact: Fact,
  { x }: EventOf<"handoff.acceptance-retracted">,
  book: Book,
): Reason | null {
  if (countingAccept(x.accept, book)?.fact.by !== fact.by) return "not-the-receiver";
  if (retractedBefore(fact, x.accept, book).length > 0) return "already-retracted";
  const isClosed = completedBefore(fact, book).some((one) => one.event.x.accept === x.accept);
  return isClosed ? "handoff-closed" : null;
}

export function judgeCancelled(fact: Fact, { x }: EventOf<"handoff.cancelled">, book: Book): Reason | null {
  if (countingOffer(x.offer, book)?.fact.by !== fact.by) return "not-the-giver";
  if (cancelledBefore(fact, x.offer, book).length > 0) return "already-cancelled";
  const isClosed = completedBefore(fact, book).some(
    (one) => offerOf(one.event.x.accept, book)?.fact.ref === x.offer,
  );
  return isClosed ? "handoff-closed" : null;
}

export function judgeReaffirmed(fact: Fact, { x }: EventOf<"handoff.reaffirmed">, book: Book): Reason | null {
  const accept = countingAccept(x.accept, book);
  if (accept === undefined || offerOf(x.accept, book)?.fact.by !== fact.by) return "not-crossed";
  const own = cancelledBefore(fact, accept.event.x.offer, book);
  return own.some((one) => isConcurrent(one.fact, accept.fact)) ? null : "not-crossed";
}

export function judgeCompleted(fact: Fact, { x }: EventOf<"handoff.completed">, book: Book): Reason | null {
  const accept = countingAccept(x.accept, book);
  const offer = offerOf(x.accept, book);
  if (accept === undefined || offer === undefined) return "not-accepted";
  if (offer.fact.by !== fact.by || seatHeldAt(fact, book)?.term !== offer.event.x.term) return "not-the-lead";
  // Completing an acceptance that crossed with one's own cancelling stands by it.
  const cancelled = cancelledBefore(fact, offer.fact.ref, book);
  if (cancelled.some((one) => !isConcurrent(one.fact, accept.fact))) return "handoff-cancelled";
  if (retractedBefore(fact, x.accept, book).length > 0) return "acceptance-retracted";
  return book.cut.membership.isActive(accept.fact.by, fact.past) ? null : "receiver-not-a-member";
}
