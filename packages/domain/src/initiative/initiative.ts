/**
 * An initiative: work that partners take part in by their own word, with one seat for its lead. The table of its
 * rules (docs/reference/fold.md section 4).
 */
import type { EventName } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";
import type { Counted, Machine, Rules } from "../kernel/machine.ts";
import type { Acting } from "../kind.ts";
import { gate } from "../laws/own-promise.ts";
import { addDeparture } from "../laws/transfer.ts";
import * as handoff from "./handoff.ts";
import * as lifecycle from "./lifecycle.ts";
import { type InitiativeState, isSeatCrossed, openInitiative } from "./state.ts";

const rules: Rules<InitiativeState, Acting<"initiative">> = {
  "initiative.adopted": lifecycle.adopted,
  "initiative.paused": lifecycle.paused,
  "initiative.resumed": lifecycle.resumed,
  "initiative.completed": lifecycle.completed,
  "initiative.status-noted": lifecycle.statusNoted,
  "initiative.joined": lifecycle.joined,
  "initiative.left": lifecycle.left,
  "lead.stepped-up": lifecycle.steppedUp,
  "handoff.offered": handoff.offered,
  "handoff.accepted": handoff.accepted,
  "handoff.declined": handoff.declined,
  "handoff.acceptance-retracted": handoff.acceptanceRetracted,
  "handoff.cancelled": handoff.cancelled,
  "handoff.reaffirmed": handoff.reaffirmed,
  "handoff.completed": handoff.completed,
};

export const initiativeMachine: Machine<InitiativeState> = {
  rules,
  gate: (fact, creation, cut) => gate(fact, "initiative", creation !== null, cut),
  opens: ({ fact, event }) =>
    event.type === "initiative.proposed"
      ? () => openInitiative(fact, event.x.seat === "open")
      : "wrong-subject",
  // A receiver that left without knowing that the lead was passed to it crosses that.
  hears: ({ fact, event }, { membership }) =>
    event.type === "handoff.accepted" ? membership.departuresOf(fact.by) : [],
  learn: (state, left) => addDeparture(state.seats, left),
  isCrossed: ({ fact, event, note }, whole) => {
    if (event.type === "handoff.completed") return whole.seats.byRef.get(fact.ref)?.isCrossed === true;
    if (event.type === "handoff.accepted") {
      const accept = whole.accepts.get(fact.ref);
      return accept !== undefined && handoff.isCrossedAccept(accept, whole);
    }
    return isLeadAct(note) && isSeatCrossed(note.under, whole);
  },
  mayCross: ({ event, note }) =>
    event.type === "handoff.completed" ||
    event.type === "handoff.accepted" ||
    (isLeadAct(note) && note.under !== null),
  // A reader who has seen everything crosses with nothing.
  crossesAtOnce: () => false,
  touchesOthers: new Set<EventName>(["handoff.acceptance-retracted"]),
  isTouchedByOthers: true,
};

const isLeadAct = (note: Counted["note"]): note is { readonly under: Ref | null } =>
  typeof note === "object" && note !== null && "under" in note;
