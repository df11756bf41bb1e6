/** Handoffs of an initiative's lead (fold.md section 4): offered, answered, completed by the giver, and what crosses. */
import type { Entry } from "../held.ts";
import { type Acts, addAct, concurrentWith, knowsAny } from "./acts.ts";
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
  isReaffirmed: boolean;
};

/** The handoffs of one initiative. */
export function openHandoffs(book: Book, membership: Membership, seats: Seats): Handoffs {
  const { verdicts, past, named, has, areConcurrent } = book;
  /** By index, those that count. */
  const offers = new Map<number, Offer>();
  const accepts = new Map<number, Accept>();

  function offerOf(entry: Entry): Offer | undefined {
    return offers.get(named(entry, "offer")?.index ?? -1);
  }
  function acceptOf(entry: Entry): Accept | undefined {
    return accepts.get(named(entry, "accept")?.index ?? -1);
  }

  /** Whether the past of `entry` holds a completion that passed the seat on, as far as that past knows. */
  function isClosed(completions: readonly Completion[], entry: Entry): boolean {
    return completions.some(
      (completion) => has(completion.entry, entry) && !isCrossed(book, completion, entry),
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
    if (knowsAny(past, offer.answers, entry)) return "already-answered";
    if (knowsAny(past, offer.cancels, entry)) return "handoff-cancelled";
    if (isClosed(seats.completionsOf(offer.entry.x["term"] as number), entry)) return "handoff-closed";
    addAct(offer.answers, entry);
    if (entry.type === "handoff.accepted") {
      accepts.set(entry.index, { entry, offer, retractions: [], completions: [], isReaffirmed: false });
    }
    return "effective";
  }

  function judgeCancelled(entry: Entry): string {
    const offer = offerOf(entry);
    if (offer === undefined || offer.entry.by !== entry.by) return "not-the-giver";
    if (knowsAny(past, offer.cancels, entry)) return "already-cancelled";
    if (isClosed(offer.completions, entry)) return "handoff-closed";
    addAct(offer.cancels, entry);
    return "effective";
  }

  function judgeRetracted(entry: Entry): string {
    const accept = acceptOf(entry);
    if (accept === undefined || accept.entry.by !== entry.by) return "not-the-receiver";
    if (knowsAny(past, accept.retractions, entry)) return "already-retracted";
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
    if (concurrentWith(past, accept.offer.cancels, accept.entry, entry).length === 0) return "not-crossed";
    accept.isReaffirmed = true;
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
      part.some((cancel) => has(cancel, entry) && !areConcurrent(cancel, accept.entry)),
    );
    if (isCancelled) return "handoff-cancelled";
    if (knowsAny(past, accept.retractions, entry)) return "acceptance-retracted";
    const receiver = accept.entry.by;
    if (!membership.isActive(receiver, entry)) return "receiver-not-a-member";
    const crossings = [
      ...concurrentWith(past, accept.retractions, entry, undefined),
      ...concurrentWith(past, membership.leaves(receiver), entry, undefined),
    ];
    const completion = { entry, offer: offer.entry, accept: accept.entry, given: seat?.given, crossings };
    seats.add(completion);
    offer.completions.push(completion);
    accept.completions.push(completion);
    book.completions.set(entry.index, completion);
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
      for (const { entry, offer, completions, isReaffirmed } of accepts.values()) {
        const crossed = completions.filter((completion) => isCrossed(book, completion, undefined));
        for (const completion of crossed) verdicts[completion.entry.index] = "crossed";
        if (isReaffirmed || crossed.length < completions.length) continue;
        if (concurrentWith(past, offer.cancels, entry, undefined).length > 0)
          verdicts[entry.index] = "crossed";
      }
    },
  };
}
