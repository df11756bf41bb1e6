/** Handoffs of an initiative's lead (fold.md section 4): offered, answered, completed by the giver, and what crosses. */
import type { Entry } from "../held.ts";
import { type Acts, addAct, allConcurrentWith, concurrentWith, knowsAny } from "./acts.ts";
import type { Book } from "./book.ts";
import type { EventOf } from "./contract.ts";
import type { Membership } from "./network.ts";
import { type Completion, isCrossed, type Seats } from "./seat.ts";

export type Handoffs = {
  /** The verdict on a `handoff.*` entry. */
  judge(entry: Entry): string;
  /** Marks offers, accepts and completions that are crossed, once everything is visited. */
  settle(): void;
};

/** An offer that counts. `given`: the completion that gave its author the seat. */
type Offer = {
  readonly entry: Entry;
  readonly given: Completion | undefined;
  readonly answers: Acts;
  readonly cancels: Acts;
  readonly completions: Completion[];
};
type Accept = {
  readonly entry: Entry;
  readonly offer: Offer;
  readonly retractions: Acts;
  readonly completions: Completion[];
  readonly reaffirmations: Entry[];
};

/** The handoffs of one initiative. */
export function openHandoffs(book: Book, membership: Membership, seats: Seats): Handoffs {
  const { verdicts, named, knows, areConcurrent } = book;
  /** By index, those that count. */
  const offers = new Map<number, Offer>();
  const accepts = new Map<number, Accept>();

  function offerOf(entry: Entry): Offer | undefined {
    const offer = offers.get(named(entry, "offer")?.index ?? -1);
    return offer !== undefined && knows(entry, offer.entry) ? offer : undefined;
  }
  function acceptOf(entry: Entry): Accept | undefined {
    const accept = accepts.get(named(entry, "accept")?.index ?? -1);
    return accept !== undefined && knows(entry, accept.entry) ? accept : undefined;
  }

  /** Whether the past of `entry` holds a completion that passed the seat on, as far as that past knows. */
  function isClosed(completions: readonly Completion[], entry: Entry): boolean {
    return completions.some(
      (completion) => knows(entry, completion.entry) && !isCrossed(book, completion, entry),
    );
  }

  function judgeOffered(entry: Entry): string {
    const seat = seats.heldBy(entry);
    if (seat?.term !== entry.x["term"]) return "not-the-lead";
    if (entry.x["to"] === entry.by) return "handoff-to-self";
    offers.set(entry.index, { entry, given: seat?.given, answers: [], cancels: [], completions: [] });
    return "effective";
  }

  function judgeAnswer(entry: Entry): string {
    const offer = offerOf(entry);
    if (offer === undefined || offer.entry.x["to"] !== entry.by) return "not-the-receiver";
    if (knowsAny(book, offer.answers, entry)) return "already-answered";
    if (knowsAny(book, offer.cancels, entry)) return "handoff-cancelled";
    if (seats.hasEnded(offer.entry.x["term"] as number, entry)) return "handoff-closed";
    addAct(offer.answers, entry);
    if (entry.type === "handoff.accepted") {
      accepts.set(entry.index, { entry, offer, retractions: [], completions: [], reaffirmations: [] });
    }
    return "effective";
  }

  function judgeCancelled(entry: Entry): string {
    const offer = offerOf(entry);
    if (offer === undefined || offer.entry.by !== entry.by) return "not-the-giver";
    if (knowsAny(book, offer.cancels, entry)) return "already-cancelled";
    if (isClosed(offer.completions, entry)) return "handoff-closed";
    addAct(offer.cancels, entry);
    return "effective";
  }

  function judgeRetracted(entry: Entry): string {
    const accept = acceptOf(entry);
    if (accept === undefined || accept.entry.by !== entry.by) return "not-the-receiver";
    if (knowsAny(book, accept.retractions, entry)) return "already-retracted";
    if (isClosed(accept.completions, entry)) return "handoff-closed";
    addAct(accept.retractions, entry);
    for (const completion of accept.completions) {
      if (areConcurrent(completion.entry, entry)) seats.cross(completion, entry);
    }
    return "effective";
  }

  function judgeReaffirmed(entry: Entry): string {
    const accept = acceptOf(entry);
    if (accept === undefined || accept.offer.entry.by !== entry.by) return "not-crossed";
    if (concurrentWith(book, accept.offer.cancels, accept.entry, entry).length === 0) return "not-crossed";
    accept.reaffirmations.push(entry);
    return "effective";
  }

  function judgeCompleted(entry: Entry): string {
    const accept = acceptOf(entry);
    if (accept === undefined) return "not-accepted";
    const { offer } = accept;
    const seat = seats.heldBy(entry);
    if (offer.entry.by !== entry.by || seat?.term !== offer.entry.x["term"]) return "not-the-lead";
    // Completing an acceptance that crossed with the giver's own cancelling stands by it.
    const isCancelled = offer.cancels.some((part) =>
      part.some((cancel) => knows(entry, cancel) && !areConcurrent(cancel, accept.entry)),
    );
    if (isCancelled) return "handoff-cancelled";
    if (knowsAny(book, accept.retractions, entry)) return "acceptance-retracted";
    const receiver = accept.entry.by;
    if (!membership.isActive(receiver, entry)) return "receiver-not-a-member";
    const crossings = [
      ...allConcurrentWith(book, accept.retractions, entry),
      ...allConcurrentWith(book, membership.leaves(receiver), entry),
    ];
    const completion = { entry, offer: offer.entry, accept: accept.entry, given: seat?.given, crossings };
    seats.add(completion);
    offer.completions.push(completion);
    accept.completions.push(completion);
    return "effective";
  }

  const judges: Readonly<Record<EventOf<"handoff">, (entry: Entry) => string>> = {
    "handoff.offered": judgeOffered,
    "handoff.accepted": judgeAnswer,
    "handoff.declined": judgeAnswer,
    "handoff.cancelled": judgeCancelled,
    "handoff.acceptance-retracted": judgeRetracted,
    "handoff.reaffirmed": judgeReaffirmed,
    "handoff.completed": judgeCompleted,
  };
  return {
    judge: (entry) => judges[entry.type as EventOf<"handoff">](entry),
    settle() {
      for (const { entry, given } of offers.values()) {
        if (isCrossed(book, given, undefined)) verdicts[entry.index] = "crossed";
      }
      for (const { entry, offer, completions, reaffirmations } of accepts.values()) {
        const known = completions.filter((completion) => knows(undefined, completion.entry));
        const crossed = known.filter((completion) => isCrossed(book, completion, undefined));
        for (const completion of crossed) verdicts[completion.entry.index] = "crossed";
        const isReaffirmed = reaffirmations.some((said) => knows(undefined, said));
        if (isReaffirmed || crossed.length < known.length) continue;
        if (concurrentWith(book, offer.cancels, entry, undefined).length > 0)
          verdicts[entry.index] = "crossed";
      }
    },
  };
}
