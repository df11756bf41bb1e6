/** The machine of an initiative (fold.md section 4): its course, who takes part, who leads. */
import type { Entry } from "../held.ts";
import { type Acts, addAct, latestKnown, type Reader } from "./acts.ts";
import { type Book, isValid, settleAside } from "./book.ts";
import type { EventOf } from "./contract.ts";
import { openHandoffs } from "./handoff.ts";
import { enter, type Membership } from "./network.ts";
import { openRoll } from "./roll.ts";
import { type Completion, isCrossed, openSeats } from "./seat.ts";

type InitiativeStatus = "proposed" | "active" | "paused" | "completed";

export type Initiative = {
  readonly status: InitiativeStatus;
  readonly term: number;
  readonly lead: string | undefined;
  readonly participants: readonly string[];
  readonly externalStatus: string | undefined;
};

const courses: Readonly<Record<string, { from: readonly InitiativeStatus[]; to: InitiativeStatus }>> = {
  "initiative.adopted": { from: ["proposed"], to: "active" },
  "initiative.paused": { from: ["active"], to: "paused" },
  "initiative.resumed": { from: ["paused"], to: "active" },
  "initiative.completed": { from: ["active", "paused"], to: "completed" },
};

function statusAfter(step: Entry | undefined): InitiativeStatus {
  return courses[step?.type ?? ""]?.to ?? "proposed";
}

/** Folds the initiative that `entries[0]` created; undefined when it has no effect. */
export function foldInitiative(
  book: Book,
  membership: Membership,
  entries: readonly Entry[],
): Initiative | undefined {
  const { verdicts } = book;
  const proposed = entries[0] as Entry;
  const roll = openRoll(book);
  const seats = openSeats(book, membership, proposed, roll);
  const handoffs = openHandoffs(book, membership, seats);
  /** Effective joining and leaving. */
  const presence: Acts = [];
  /** Valid steps of its course, and statuses noted. */
  const steps: Acts = [];
  const notes: Acts = [];
  /** Valid acts of a lead under a seat that a handoff gave, with that handoff. */
  const underHandoff = new Map<Entry, Completion>();

  function judgePresence(entry: Entry): string {
    const isIn = latestKnown(book, presence, entry, { by: entry.by })?.type === "initiative.joined";
    if (entry.type === "initiative.joined" && isIn) return "already-joined";
    if (entry.type === "initiative.left" && !isIn) return "not-a-participant";
    addAct(presence, entry);
    return "effective";
  }

  function judgeSteppedUp(entry: Entry): string {
    return seats.heldBy(entry) === undefined ? "effective" : "already-the-lead";
  }

  /** The latest of a lead's acts that the reader knows, leaving out those whose seat did not come about. */
  function latestOf(acts: Acts, reader: Reader): Entry | undefined {
    const counts = (act: Entry) => !isCrossed(book, underHandoff.get(act), reader);
    return latestKnown(book, acts, reader, { counts });
  }

  function judgeLeadAct(entry: Entry): string {
    const seat = seats.heldBy(entry);
    if (seat?.term !== entry.x["term"]) return "not-the-lead";
    const course = courses[entry.type];
    if (course !== undefined && !course.from.includes(statusAfter(latestOf(steps, entry))))
      return "wrong-state";
    addAct(course === undefined ? notes : steps, entry);
    if (seat?.given !== undefined) underHandoff.set(entry, seat.given);
    return "effective";
  }

  function judge(entry: Entry): string {
    if (entry.type.startsWith("handoff.")) return handoffs.judge(entry);
    const type = entry.type as EventOf<"initiative" | "lead">;
    switch (type) {
      case "initiative.proposed":
        return "effective";
      case "lead.stepped-up":
        return judgeSteppedUp(entry);
      case "initiative.joined":
      case "initiative.left":
        return judgePresence(entry);
      case "initiative.adopted":
      case "initiative.paused":
      case "initiative.resumed":
      case "initiative.completed":
      case "initiative.status-noted":
        return judgeLeadAct(entry);
    }
  }

  for (const entry of entries) {
    if (!enter(book, membership, roll, entry)) continue;
    const verdict = judge(entry);
    verdicts[entry.index] = verdict;
    if (isValid(verdict)) roll.add(entry);
  }
  if (!isValid(verdicts[proposed.index])) return undefined;
  book.sight.close(entries);
  handoffs.settle();
  for (const [act, completion] of underHandoff) {
    if (isCrossed(book, completion, undefined)) verdicts[act.index] = "crossed";
  }
  settleAside(book, entries);
  seats.publish();

  const { term, lead, since } = seats.current();
  return {
    status: statusAfter(latestOf(steps, undefined)),
    term,
    lead: lead !== undefined && membership.hasLeft(lead, since) ? undefined : lead,
    participants: participants(lead),
    externalStatus: latestOf(notes, undefined)?.x["externalStatus"] as string | undefined,
  };

  function participants(besides: string | undefined): readonly string[] {
    const partners = new Set(presence.map((part) => (part[0] as Entry).by));
    return [...partners].filter((by) => {
      const latest = latestKnown(book, presence, undefined, { by });
      return by !== besides && latest?.type === "initiative.joined" && !membership.hasLeft(by, latest);
    });
  }
}
