/**
 * The lead's seat. It passes from hand to hand by completed handoffs only, each in the giver's own log, so its holders
 * form a chain by terms; whether somebody may act as lead is asked of the entry's own past.
 */
import type { Entry } from "../held.ts";
import type { Book } from "./book.ts";
import type { Membership } from "./network.ts";

type Seat = {
  readonly term: number;
  readonly lead: string | undefined;
  /** The entry that gave it. */
  readonly since: Entry;
};

export type Seats = {
  /** The seat as it stands after everything visited so far. */
  readonly current: Seat;
  /** Whether the author of `entry` leads at `term`, as far as that entry's past knows. */
  isLead(entry: Entry, term: unknown): boolean;
  /** The latest seat in the past of `entry`. */
  before(entry: Entry): Seat;
  /** A handoff that completed: the receiver leads the next term. */
  pass(completed: Entry, to: string): void;
  /** A crossed handoff: the giver goes on leading once it knows one of `crossings`. */
  cross(completed: Entry, crossings: readonly Entry[]): void;
};

/** The seat that `proposed` opens. */
export function openSeats(book: Book, membership: Membership, proposed: Entry): Seats {
  const lead = proposed.x["seat"] === "open" ? undefined : proposed.by;
  const seats: Seat[] = [{ term: 1, lead, since: proposed }];
  const given: { term: number; completed: Entry; crossings: readonly Entry[] }[] = [];

  function seatOf(term: unknown): Seat | undefined {
    return typeof term === "number" ? seats[term - 1] : undefined;
  }
  return {
    get current() {
      return seats.at(-1) as Seat;
    },
    isLead(entry, term) {
      const seat = seatOf(term);
      if (seat === undefined || seat.lead !== entry.by || !book.has(seat.since, entry)) return false;
      if (membership.hasLeft(entry.by, seat.since, entry)) return false;
      return !given.some(
        ({ term: givenTerm, completed, crossings }) =>
          givenTerm === seat.term &&
          book.has(completed, entry) &&
          !crossings.some((crossing) => book.has(crossing, entry)),
      );
    },
    before: (entry) => seats.findLast(({ since }) => book.has(since, entry)) ?? (seats[0] as Seat),
    pass(completed, to) {
      const { term } = seats.at(-1) as Seat;
      given.push({ term, completed, crossings: [] });
      seats.push({ term: term + 1, lead: to, since: completed });
    },
    cross(completed, crossings) {
      given.push({ term: (seats.at(-1) as Seat).term, completed, crossings });
    },
  };
}
