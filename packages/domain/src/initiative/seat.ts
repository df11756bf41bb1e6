/**
 * The seat of an initiative: who leads it, in which term, since which entry.
 *
 * It is passed on by the giver's own log alone (law L2), so it has one holder at every place of that log. A completion
 * that crossed leaves the seat where it was; but to the giver, until it hears of the crossing, the seat is given away.
 */
import type { PartnerId } from "@handfast/protocol/ids";
import { type Entry, type Fact, isBefore } from "../fact.ts";
import { type Book, counting, countingBefore } from "./book.ts";
import { crossingsOf, offerOf } from "./completion.ts";

export type Seat = {
  readonly term: number;
  /** `null`: proposed with its seat open. */
  readonly lead: PartnerId | null;
  /** The entry that gave it. */
  readonly since: Fact;
};

type Completion = Entry<"handoff.completed">;

const firstSeat = ({ creation: { fact, event } }: Book): Seat => ({
  term: 1,
  lead: event.x.seat === "open" ? null : fact.by,
  since: fact,
});

/** What completions that count and did not cross come to, the first seat first. */
function seatsAfter(completions: readonly Completion[], book: Book): readonly Seat[] {
  const seats = [firstSeat(book)];
  for (const { fact, event } of completions) {
    const offer = offerOf(event.x.accept, book);
    const seat = seats.at(-1);
    if (offer === undefined || seat === undefined) continue;
    // One completion a term; a second one, possible only in another log of the giver, gives nothing more.
    if (offer.event.x.term !== seat.term || crossingsOf({ fact, event }, book).length > 0) continue;
    seats.push({ term: seat.term + 1, lead: offer.event.x.to, since: fact });
  }
  return seats;
}

/** Every seat there was, in order; the last is the one held now. */
export const seatsOf = (book: Book): readonly Seat[] =>
  seatsAfter(counting(book.all("handoff.completed"), book), book);

/** The seat the author of an entry holds when writing it, as far as it can know. */
export function seatHeldAt(fact: Fact, book: Book): Seat | null {
  const completions = countingBefore(fact, book.all("handoff.completed"), book);
  const seat = seatsAfter(completions, book).findLast((one) => one.lead === fact.by);
  if (seat === undefined || hasLeft(seat, book, fact)) return null;
  const isGivenAway = completions.some((completed) => {
    const given = completed.fact.by === fact.by && offerOf(completed.event.x.accept, book);
    if (!given || given.event.x.term !== seat.term) return false;
    const crossings = crossingsOf(completed, book);
    return !crossings.some((crossing) => isBefore(crossing, fact));
  });
  return isGivenAway ? null : seat;
}

/** Whether the lead left the network since, for the reader of `fact`, or for whoever sees the whole cut. */
export const hasLeft = ({ lead, since }: Seat, { cut }: Book, fact?: Fact): boolean =>
  lead !== null &&
  cut.membership
    .departuresOf(lead)
    .some((left) => !isBefore(left, since) && (fact === undefined || isBefore(left, fact)));
