/** The machine of an initiative (fold.md section 4): its course, who takes part, who leads. */
import type { Entry } from "../held.ts";
import type { Book } from "./book.ts";
import { openHandoffs } from "./handoff.ts";
import { enter, type Membership } from "./network.ts";
import { openSeats } from "./seat.ts";

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
  const seats = openSeats(book, membership, proposed);
  const handoffs = openHandoffs(book, membership, seats, entries);
  /** Every effective joining and leaving, in order of visiting. */
  const presence: Entry[] = [];
  /** Effective steps of its course, in order of visiting. */
  const steps: Entry[] = [];
  let externalStatus: string | undefined;

  function judgePresence(entry: Entry): string {
    const latest = presence.findLast((act) => act.by === entry.by && book.has(act, entry));
    const isIn = latest?.type === "initiative.joined";
    if (entry.type === "initiative.joined" && isIn) return "already-joined";
    if (entry.type === "initiative.left" && !isIn) return "not-a-participant";
    presence.push(entry);
    return "effective";
  }

  function judgeSteppedUp(entry: Entry): string {
    return seats.heldBy(entry) === undefined ? "effective" : "already-the-lead";
  }

  function judgeLeadAct(entry: Entry): string {
    if (seats.heldBy(entry)?.term !== entry.x["term"]) return "not-the-lead";
    if (entry.type === "initiative.status-noted") {
      externalStatus = entry.x["externalStatus"] as string;
      return "effective";
    }
    const before = statusAfter(steps.findLast((step) => book.has(step, entry)));
    if (courses[entry.type]?.from.includes(before) !== true) return "wrong-state";
    steps.push(entry);
    return "effective";
  }

  function judge(entry: Entry): string {
    if (entry === proposed) return "effective";
    if (entry.type.startsWith("handoff.")) return handoffs.judge(entry);
    if (entry.type === "lead.stepped-up") return judgeSteppedUp(entry);
    if (entry.type === "initiative.joined" || entry.type === "initiative.left") return judgePresence(entry);
    return judgeLeadAct(entry);
  }

  for (const entry of entries) {
    if (enter(book, membership, entry)) verdicts[entry.index] = judge(entry);
  }
  handoffs.settle();
  if (verdicts[proposed.index] !== "effective") return undefined;

  const { term, lead, since } = seats.current;
  const latest = new Map(presence.map((act) => [act.by, act]));
  const participants = [...latest.values()].filter(
    (act) => act.type === "initiative.joined" && act.by !== lead && !membership.hasLeft(act.by, act),
  );
  return {
    status: statusAfter(steps.at(-1)),
    term,
    lead: lead !== undefined && membership.hasLeft(lead, since) ? undefined : lead,
    participants: participants.map(({ by }) => by),
    externalStatus,
  };
}
