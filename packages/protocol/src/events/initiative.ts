/** Initiatives, their seat and the handing over of their lead. */
import { z } from "zod";
import { Day, PartnerId, Ref } from "../ids.ts";
import { External } from "../text.ts";
import { eventX } from "./any.ts";

/** Counts who led: 1 for the proposer, one more at every completed handoff. */
export const Term = z.int().min(1).max(1_000_000);

export const initiativeEvents = {
  "initiative.proposed": eventX({ seat: z.literal("open").optional() }),
  "initiative.joined": eventX({}),
  "initiative.left": eventX({}),
  "initiative.adopted": eventX({ term: Term }),
  "initiative.paused": eventX({ term: Term }),
  "initiative.resumed": eventX({ term: Term }),
  "initiative.completed": eventX({ term: Term }),
  "initiative.status-noted": eventX({ term: Term, externalStatus: External }),
  "lead.stepped-up": eventX({ as: z.enum(["lead", "co", "shadow"]) }),
  "handoff.offered": eventX({ to: PartnerId, term: Term, until: Day.optional(), trialUntil: Day.optional() }),
  "handoff.accepted": eventX({ offer: Ref }),
  "handoff.declined": eventX({ offer: Ref }),
  "handoff.cancelled": eventX({ offer: Ref }),
  "handoff.acceptance-retracted": eventX({ accept: Ref }),
  "handoff.reaffirmed": eventX({ accept: Ref }),
  "handoff.completed": eventX({ accept: Ref }),
} as const;
