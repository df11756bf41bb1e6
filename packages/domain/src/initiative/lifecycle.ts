/** An initiative's own course: adopted, paused, resumed, completed by its lead; joined and left by anyone for itself. */
import type { EventName, EventOf } from "@handfast/protocol/events";
import type { Reason } from "@handfast/protocol/reasons";
import type { Fact } from "../fact.ts";
import { type Book, countingBefore } from "./book.ts";
import { seatHeldAt } from "./seat.ts";

export type Status = "proposed" | "active" | "paused" | "completed";

const steps = {
  "initiative.adopted": { from: ["proposed"], to: "active" },
  "initiative.paused": { from: ["active"], to: "paused" },
  "initiative.resumed": { from: ["paused"], to: "active" },
  "initiative.completed": { from: ["active", "paused"], to: "completed" },
} as const satisfies Partial<Record<EventName, { from: readonly Status[]; to: Status }>>;
type Step = keyof typeof steps;
const stepTypes = Object.keys(steps) as readonly Step[];

/** Where these steps lead, taken in the order of visiting; those of leads are ordered in any case. */
const statusAfter = (taken: readonly { readonly event: { readonly type: Step } }[]): Status => {
  const last = taken.at(-1);
  return last === undefined ? "proposed" : steps[last.event.type].to;
};

export const statusOf = (book: Book): Status =>
  statusAfter(book.all(...stepTypes).filter((one) => book.reasonOf(one.fact) === null));

export function judgeStep(fact: Fact, { type, x }: EventOf<Step>, book: Book): Reason | null {
  if (seatHeldAt(fact, book)?.term !== x.term) return "not-the-lead";
  const from: readonly Status[] = steps[type].from;
  return from.includes(statusAfter(countingBefore(fact, book.all(...stepTypes), book)))
    ? null
    : "wrong-state";
}

export const judgeStatusNoted = (
  fact: Fact,
  { x }: EventOf<"initiative.status-noted">,
  book: Book,
): Reason | null => (seatHeldAt(fact, book)?.term === x.term ? null : "not-the-lead");

export function judgeTakingPart(
  fact: Fact,
  { type }: EventOf<"initiative.joined" | "initiative.left">,
  book: Book,
): Reason | null {
  const own = book.all("initiative.joined", "initiative.left").filter((one) => one.fact.by === fact.by);
  const isIn = countingBefore(fact, own, book).at(-1)?.event.type === "initiative.joined";
  if (type === "initiative.joined") return isIn ? "already-joined" : null;
  return isIn ? null : "not-a-participant";
}

export const judgeSteppedUp = (fact: Fact, book: Book): Reason | null =>
  seatHeldAt(fact, book) === null ? null : "already-the-lead";
