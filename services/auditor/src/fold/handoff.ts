/** Handoffs of an initiative's lead (fold.md section 4): offered, answered, completed by the giver, and what crosses. */
import type { Entry } from "../held.ts";
import { type Book, isValid } from "./book.ts";
import type { Membership } from "./network.ts";
import type { Completion, Seats } from "./seat.ts";

export type Handoffs = {
  /** The verdict on a `handoff.*` entry. */
  judge(entry: Entry): string;
  /** Marks the accepts that a cancel crossed, once everything is visited. */
  settle(): void;
};

/** The handoffs of one initiative; `entries` are all of its, in order of visiting. */
export function openHandoffs(
  book: Book,
  membership: Membership,
  seats: Seats,
  entries: readonly Entry[],
): Handoffs {
  const { verdicts, named, has, areConcurrent } = book;
  const retractions = entries.filter(({ type }) => type === "handoff.acceptance-retracted");
  const answers = new Map<Entry, Entry[]>();
  const cancels = new Map<Entry, Entry[]>();
  const accepts: Entry[] = [];
  /** Those that had effect. */
  const completions: Completion[] = [];
  /** Accepts that a `reaffirmed` or an effective `completed` names. */
  const revived = new Set<Entry>();

  /** What `x[member]` names, when it is an entry of this initiative that counts. */
  function counted(entry: Entry, member: string, type: string): Entry | undefined {
    const target = named(entry, member);
    const isHere = target?.type === type && target.subject === entry.subject;
    return isHere && isValid(verdicts[target.index]) ? target : undefined;
  }

  function note(list: Map<Entry, Entry[]>, key: Entry, entry: Entry): void {
    list.set(key, [...(list.get(key) ?? []), entry]);
  }

  function hasCompleted(entry: Entry, test: (completion: Completion) => boolean): boolean {
    return completions.some((completion) => test(completion) && has(completion.entry, entry));
  }

  function judgeOffered(entry: Entry): string {
    if (seats.heldBy(entry)?.term !== entry.x["term"]) return "not-the-lead";
    return entry.x["to"] === entry.by ? "handoff-to-self" : "effective";
  }

  function judgeAnswer(entry: Entry): string {
    const offer = counted(entry, "offer", "handoff.offered");
    if (offer === undefined || offer.x["to"] !== entry.by) return "not-the-receiver";
    if (answers.get(offer)?.some((answer) => has(answer, entry))) return "already-answered";
    if (cancels.get(offer)?.some((cancel) => has(cancel, entry))) return "handoff-cancelled";
    if (hasCompleted(entry, (done) => done.offer.x["term"] === offer.x["term"])) return "handoff-closed";
    note(answers, offer, entry);
    if (entry.type === "handoff.accepted") accepts.push(entry);
    return "effective";
  }

  function judgeCancelled(entry: Entry): string {
    const offer = counted(entry, "offer", "handoff.offered");
    if (offer === undefined || offer.by !== entry.by) return "not-the-giver";
    if (cancels.get(offer)?.some((cancel) => has(cancel, entry))) return "already-cancelled";
    if (hasCompleted(entry, (done) => done.offer === offer)) return "handoff-closed";
    note(cancels, offer, entry);
    return "effective";
  }

  /** Asked of retractions not yet visited, too: a completion must know those that cross it. */
  function judgeRetracted(entry: Entry): string {
    const accept = counted(entry, "accept", "handoff.accepted");
    if (accept === undefined || accept.by !== entry.by) return "not-the-receiver";
    const isAgain = retractions.some(
      (other) => other.by === entry.by && named(other, "accept") === accept && isEarlier(other, entry),
    );
    if (isAgain) return "already-retracted";
    return hasCompleted(entry, (done) => done.accept === accept) ? "handoff-closed" : "effective";
  }

  function isEarlier(other: Entry, entry: Entry): boolean {
    return has(other, entry) && isAdmitted(other);
  }

  /** Whether the questions before the machine's own let the entry through. */
  function isAdmitted(entry: Entry): boolean {
    const verdict = verdicts[entry.index];
    return verdict === undefined ? membership.isActive(entry.by, entry) : isValid(verdict);
  }

  function judgeReaffirmed(entry: Entry): string {
    const accept = counted(entry, "accept", "handoff.accepted");
    const offer = accept && named(accept, "offer");
    const crossed =
      offer?.by === entry.by &&
      cancels.get(offer)?.some((cancel) => has(cancel, entry) && areConcurrent(cancel, accept as Entry));
    if (!accept || !crossed) return "not-crossed";
    revived.add(accept);
    return "effective";
  }

  function judgeCompleted(entry: Entry): string {
    const accept = counted(entry, "accept", "handoff.accepted");
    if (accept === undefined) return "not-accepted";
    const offer = named(accept, "offer") as Entry;
    if (offer.by !== entry.by || seats.heldBy(entry)?.term !== offer.x["term"]) return "not-the-lead";
    const blocking = cancels
      .get(offer)
      ?.some((cancel) => has(cancel, entry) && !areConcurrent(cancel, accept));
    if (blocking) return "handoff-cancelled";
    const mine = retractions.filter(
      (retraction) =>
        named(retraction, "accept") === accept &&
        isAdmitted(retraction) &&
        judgeRetracted(retraction) === "effective",
    );
    if (mine.some((retraction) => has(retraction, entry))) return "acceptance-retracted";
    if (!membership.isActive(accept.by, entry)) return "receiver-not-a-member";
    const crossings = [...mine, ...membership.leaves(accept.by)].filter((other) =>
      areConcurrent(other, entry),
    );
    const completion = { entry, offer, accept, crossings };
    seats.note(completion);
    if (crossings.length > 0) return "crossed";
    completions.push(completion);
    revived.add(accept);
    return "effective";
  }

  const judges: Readonly<Record<string, (entry: Entry) => string>> = {
    "handoff.offered": judgeOffered,
    "handoff.accepted": judgeAnswer,
    "handoff.declined": judgeAnswer,
    "handoff.cancelled": judgeCancelled,
    "handoff.acceptance-retracted": judgeRetracted,
    "handoff.reaffirmed": judgeReaffirmed,
    "handoff.completed": judgeCompleted,
  };
  return {
    judge: (entry) => judges[entry.type]?.(entry) ?? "opaque",
    settle() {
      for (const accept of accepts) {
        if (revived.has(accept)) continue;
        const offer = named(accept, "offer") as Entry;
        if (cancels.get(offer)?.some((cancel) => areConcurrent(cancel, accept)))
          verdicts[accept.index] = "crossed";
      }
    },
  };
}
