/** Initiatives, who leads them, and the handing over of their lead. */
import { z } from "zod";
import { Day, PartnerId } from "../ids.ts";
import { External } from "../text.ts";
import { defineEvents, ref } from "./define.ts";
import { Term } from "./seat.ts";

export const initiativeEvents = defineEvents(
  { machine: "initiative", nouns: ["initiative", "lead", "handoff"], level: "thing" },
  {
    "initiative.proposed": {
      opens: true,
      x: { seat: z.literal("open").optional(), from: ref().optional() },
      texts: ["title", "problem", "benefits", "success"],
    },
    "initiative.joined": { x: {}, texts: ["reason"] },
    "initiative.left": { x: {}, texts: ["reason"] },
    "initiative.adopted": { x: { term: Term }, texts: ["reason"] },
    "initiative.paused": { x: { term: Term }, texts: ["reason"] },
    "initiative.resumed": { x: { term: Term }, texts: ["reason"] },
    "initiative.completed": { x: { term: Term }, texts: ["reason"] },
    "initiative.status-noted": { x: { term: Term, externalStatus: External }, texts: ["reason"] },
    "lead.stepped-up": { x: { as: z.enum(["lead", "co", "shadow"]) }, texts: ["needs"] },
    "handoff.offered": {
      x: { to: PartnerId, term: Term, until: Day.optional(), trialUntil: Day.optional() },
      texts: ["pack"],
    },
    "handoff.accepted": { x: { offer: ref() } },
    "handoff.declined": { x: { offer: ref() }, texts: ["reason"] },
    "handoff.cancelled": { x: { offer: ref() }, texts: ["reason"] },
    "handoff.acceptance-retracted": { x: { accept: ref() } },
    "handoff.reaffirmed": { x: { accept: ref() } },
    "handoff.completed": { x: { accept: ref() } },
  },
);
