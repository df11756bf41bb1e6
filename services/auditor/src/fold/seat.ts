/**
 * The lead's seat. It passes from hand to hand by completed handoffs only, each in the giver's own log; whether somebody
 * may act as lead is asked of the entry's own past.
 */
import type { Entry } from "../held.ts";
import type { Book } from "./book.ts";
import type { Membership } from "./network.ts";

export type Seat = {
  readonly term: number;
  readonly lead: string | undefined;
  /** The entry that gave it. */
  readonly since: Entry;
};

/** A valid completion of a handoff. `crossings`: what keeps it from passing the seat on. */
export type Completion = {
  readonly entry: Entry;
  readonly offer: Entry;
  readonly accept: Entry;
  readonly crossings: readonly Entry[];
};

export type Seats = {
  /** The seat as it stands after everything visited so far. */
  readonly current: Seat;
  /** The seat that the author of `entry` holds as far as that entry's past knows. */
  heldBy(entry: Entry): Seat | undefined;
  note(completion: Completion): void;
};

/** The seat that `proposed` opens. */
export function openSeats(book: Book, membership: Membership, proposed: Entry): Seats {
  const lead = proposed.x["seat"] === "open" ? undefined : proposed.by;
  const first: Seat = { term: 1, lead, since: proposed };
  const completions: Completion[] = [];

  /** One completion a term passes it on: a second one could only come from another log of the giver. */
  function seatsAfter(known: readonly Completion[]): readonly Seat[] {
    const seats = [first];
    for (const { entry, offer, accept, crossings } of known) {
      const { term } = seats.at(-1) as Seat;
      if (offer.x["term"] === term && crossings.length === 0) {
        seats.push({ term: term + 1, lead: accept.by, since: entry });
      }
    }
    return seats;
  }

  return {
    get current() {
      return seatsAfter(completions).at(-1) as Seat;
    },
    heldBy(entry) {
      const known = completions.filter((completion) => book.has(completion.entry, entry));
      const seat = seatsAfter(known).findLast((one) => one.lead === entry.by);
      if (seat === undefined || membership.hasLeft(entry.by, seat.since, entry)) return undefined;
      // Given away, until its giver knows of what crossed it.
      const isGiven = known.some(
        ({ entry: completed, offer, crossings }) =>
          completed.by === entry.by &&
          offer.x["term"] === seat.term &&
          !crossings.some((crossing) => book.has(crossing, entry)),
      );
      return isGiven ? undefined : seat;
    },
    note: (completion) => {
      completions.push(completion);
    },
  };
}
