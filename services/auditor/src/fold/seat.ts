/**
 * The lead's seat (fold.md section 4). It passes from hand to hand by completed handoffs only, each in the giver's own
 * log; whether somebody may act as lead, and whether a completion was crossed, is asked of a past.
 */
import type { Entry } from "../held.ts";
import { firstPlace, type Reader } from "./acts.ts";
import type { Book } from "./book.ts";
import type { Membership } from "./network.ts";
import type { Roll } from "./roll.ts";

type Seat = {
  readonly term: number;
  readonly lead: string | undefined;
  /** The entry that gave it. */
  readonly since: Entry;
  /** The completion that gave it; the first seat has none. */
  readonly given: Completion | undefined;
};

/** A valid completion of a handoff. */
export type Completion = {
  readonly entry: Entry;
  readonly offer: Entry;
  readonly accept: Entry;
  /** The completion that gave its author the seat it passes on. */
  readonly given: Completion | undefined;
  /** Retractions of the acceptance and departures of the receiver that are concurrent with it, as far as visited. */
  readonly crossings: Entry[];
};

export type Seats = {
  /** The seat as everything visited so far leaves it. */
  current(): Seat;
  /** The seat that the author of `entry` holds as far as that entry's past knows. */
  heldBy(entry: Entry): Seat | undefined;
  /** Whether a term is over as far as the past of `entry` knows: it was passed on, or ended twice. */
  hasEnded(term: number, entry: Entry): boolean;
  add(completion: Completion): void;
  /** Notes that an entry visited after a completion crosses it. */
  cross(completion: Completion, crossing: Entry): void;
  /** Hands out for other machines what is not set aside in the whole. */
  publish(): void;
};

/**
 * Whether the reader knows that a completion did not pass the seat on, or that its author never got that seat.
 * `passed`: a completion known to be good for that reader: nothing before it is looked at.
 */
export function isCrossed(
  book: Book,
  completion: Completion | undefined,
  reader: Reader,
  passed?: Completion,
): boolean {
  for (let step = completion; step !== undefined && step !== passed; step = step.given) {
    if (step.entry.isDoubtful && !book.knows(reader, step.entry)) return false;
    if (step.crossings.some((crossing) => book.knows(reader, crossing))) return true;
  }
  return false;
}

function seatAfter(given: Completion): Seat {
  return { term: (given.offer.x["term"] as number) + 1, lead: given.accept.by, since: given.entry, given };
}

/** The seat that `proposed` opens. `roll` holds the valid entries of the initiative. */
export function openSeats(book: Book, membership: Membership, proposed: Entry, roll: Roll): Seats {
  const lead = proposed.x["seat"] === "open" ? undefined : proposed.by;
  const first: Seat = { term: 1, lead, since: proposed, given: undefined };
  const byTerm = new Map<number, Completion[]>();
  const nothing: readonly Completion[] = [];
  /** Every seat so far, as long as none was passed on twice and nothing was crossed: then any past holds a beginning. */
  let plain: Seat[] | undefined = [first];
  /** The seats that a log saw last, by how many entries it knew. */
  const seen = new Map<number, { readonly count: number; readonly seats: readonly Seat[] }>();

  const completionsOf = (term: number) => byTerm.get(term) ?? nothing;

  /** What the reader knows of two completions that know nothing of each other: then nobody has the seat. The latest of all. */
  function contest(term: number, reader: Reader): Completion | undefined {
    const ofTerm = completionsOf(term);
    if (ofTerm.length < 2) return undefined;
    const known = ofTerm.filter(({ entry }) => book.knows(reader, entry));
    const isContested = known.some((one) =>
      known.some((other) => book.areConcurrent(one.entry, other.entry)),
    );
    return isContested ? known.at(-1) : undefined;
  }

  /** Term by term, as far as the reader knows of a completion that passed the seat on. */
  function seatsFor(reader: Reader): readonly Seat[] {
    const seats = [first];
    for (;;) {
      const { term, given } = seats.at(-1) as Seat;
      const passed = completionsOf(term).find(
        (completion) => book.knows(reader, completion.entry) && !isCrossed(book, completion, reader, given),
      );
      const last = passed ?? contest(term, reader);
      if (last === undefined) return seats;
      seats.push(
        passed === undefined
          ? { term: term + 1, lead: undefined, since: last.entry, given: undefined }
          : seatAfter(passed),
      );
    }
  }

  function seatsSeenBy(entry: Entry): readonly Seat[] {
    const count = roll.version(entry);
    const last = seen.get(entry.log);
    if (last?.count === count) return last.seats;
    const seats = seatsFor(entry);
    seen.set(entry.log, { count, seats });
    return seats;
  }

  /** The last seat that the author of `entry` was given, and has not given away. */
  function findSeat(entry: Entry): Seat | undefined {
    if (plain !== undefined) {
      const isUnknown = ({ given }: Seat) => given !== undefined && !book.has(given.entry, entry);
      const seat = plain[firstPlace(plain, isUnknown) - 1];
      // Each seat before that one was given away by its lead.
      return seat?.lead === entry.by ? seat : undefined;
    }
    const seat = seatsSeenBy(entry).findLast((held) => held.lead === entry.by);
    // Given away, until its giver knows of what crossed it.
    const isGiven = completionsOf(seat?.term ?? 0).some(
      (completion) =>
        completion.entry.by === entry.by &&
        book.knows(entry, completion.entry) &&
        !isCrossed(book, completion, entry),
    );
    return isGiven || contest(seat?.term ?? 0, entry) !== undefined ? undefined : seat;
  }

  return {
    current: () => seatsFor(undefined).at(-1) as Seat,
    heldBy(entry) {
      const seat = findSeat(entry);
      return seat === undefined || membership.hasLeft(entry.by, seat.since, entry) ? undefined : seat;
    },
    hasEnded: (term, entry) =>
      contest(term, entry) !== undefined ||
      completionsOf(term).some(
        (completion) => book.knows(entry, completion.entry) && !isCrossed(book, completion, entry),
      ),
    add(completion) {
      const term = completion.offer.x["term"] as number;
      const ofTerm = byTerm.get(term);
      for (const other of ofTerm ?? nothing) {
        if (!book.areConcurrent(other.entry, completion.entry)) continue;
        other.crossings.push(completion.entry);
        completion.crossings.push(other.entry);
      }
      if (ofTerm === undefined) byTerm.set(term, [completion]);
      else ofTerm.push(completion);
      roll.watch(completion.crossings);
      if (ofTerm !== undefined || completion.crossings.length > 0 || completion.entry.isDoubtful)
        plain = undefined;
      else plain?.push(seatAfter(completion));
    },
    publish() {
      const given = new Map<Completion, Completion>();
      for (const completion of [...byTerm.values()].flat()) {
        if (!book.knows(undefined, completion.entry)) continue;
        const crossings = completion.crossings.filter((crossing) => book.knows(undefined, crossing));
        const published = {
          ...completion,
          crossings,
          given: completion.given && given.get(completion.given),
        };
        given.set(completion, published);
        book.completions.set(completion.entry.index, published);
      }
    },
    cross(completion, crossing) {
      completion.crossings.push(crossing);
      roll.watch([crossing]);
      plain = undefined;
    },
  };
}
