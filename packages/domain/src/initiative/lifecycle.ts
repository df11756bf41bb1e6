/** An initiative's own course: adopted, paused, resumed, completed by its lead; joined and left by anyone for itself. */
import type { EventName } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import type { Entry, Fact } from "../fact.ts";
import type { Counted, Rule } from "../kernel/machine.ts";
import { hasLeftSince, type Seat, seatHeldBy } from "../laws/transfer.ts";
import { type InitiativeState, insertAct, type Status, setLatest, statusOf } from "./state.ts";

/** The seat the author of an entry holds when writing it, as far as it can know. */
export function seatOfAuthor(fact: Fact, seen: InitiativeState, { membership }: Cut): Seat | null {
  const seat = seatHeldBy(fact.by, seen.seats);
  return seat === null || hasLeftSince(seat, membership.departuresOf, fact.past) ? null : seat;
}

/** The completion that gave the author of a lead act its seat; `null`: it leads from the beginning. */
export type Under = { readonly under: Ref | null };
type LeadEvent = Extract<EventName, `initiative.${string}` | "handoff.offered">;

/** An act of the lead in a term. */
export const byLead = <Name extends LeadEvent>(further: {
  judge(entry: Entry<Name>, seen: InitiativeState): Reason | null;
  add(state: InitiativeState, entry: Counted<Name, Under>): void;
}): Rule<InitiativeState, Name, Under> => ({
  judge: (entry, seen, cut) => {
    const seat = seatOfAuthor(entry.fact, seen, cut);
    const { term } = (entry.event as { readonly x: { readonly term: number } }).x;
    if (seat?.term !== term) return "not-the-lead";
    return further.judge(entry, seen) ?? { under: seat.by?.fact.ref ?? null };
  },
  add: further.add,
});

const step = <Name extends LeadEvent>(to: Status, ...from: readonly Status[]) =>
  byLead<Name>({
    judge: (_, seen) => (from.includes(statusOf(seen)) ? null : "wrong-state"),
    add: (state, { fact, note }) => insertAct(state.steps, { fact, value: to, ...note }),
  });

export const adopted = step<"initiative.adopted">("active", "proposed");
export const paused = step<"initiative.paused">("paused", "active");
export const resumed = step<"initiative.resumed">("active", "paused");
export const completed = step<"initiative.completed">("completed", "active", "paused");

export const statusNoted = byLead<"initiative.status-noted">({
  judge: () => null,
  add: (state, { fact, event, note }) =>
    insertAct(state.notes, { fact, value: event.x.externalStatus, ...note }),
});

export const joined: Rule<InitiativeState, "initiative.joined", null> = {
  judge: ({ fact }, seen) => (seen.takingPart.get(fact.by)?.value === true ? "already-joined" : null),
  add: (state, { fact }) => setLatest(state.takingPart, fact, true),
};

export const left: Rule<InitiativeState, "initiative.left", null> = {
  judge: ({ fact }, seen) => (seen.takingPart.get(fact.by)?.value === true ? null : "not-a-participant"),
  add: (state, { fact }) => setLatest(state.takingPart, fact, false),
};

export const steppedUp: Rule<InitiativeState, "lead.stepped-up", null> = {
  judge: ({ fact }, seen, cut) => (seatOfAuthor(fact, seen, cut) === null ? null : "already-the-lead"),
  add: (state, { fact, event }) => setLatest(state.stepUps, fact, event.x.as),
};
