/** Initiatives and the handing over of their lead. */

import { Day, LineRef, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { prose } from "@handfast/protocol/text";
import { z } from "zod";
import { defineVerbs } from "./define.ts";

const reason = { reason: prose().optional() };
/** Pledges that one acceptance may name: as many as fit into the body of a request. More go along by `all`. */
export const maxCarried = 500;
/** Names the offer; it may be left out where only one fits. */
const offer = { offer: LineRef.optional() };
const accept = { accept: LineRef.optional() };

export const initiativeVerbs = defineVerbs(
  { noun: "initiative", collection: "initiatives" },
  {
    propose: {
      summary: "Propose an initiative; you lead it until you hand it over, unless the seat is left open.",
      says: "initiative.proposed",
      body: { benefits: prose().optional().describe("Who benefits, and not only the proposer") },
    },
    adopt: {
      summary: "Begin the work; at least two partners must have active commitments to it.",
      body: reason,
    },
    join: { summary: "Take part.", says: "initiative.joined" },
    leave: { summary: "No longer take part.", says: "initiative.left" },
    pause: { summary: "Pause it (its lead).", says: "initiative.paused", fills: ["term"] },
    resume: { summary: "Resume it (its lead).", says: "initiative.resumed", fills: ["term"] },
    complete: {
      summary: "Say that it reached its goal (its lead).",
      says: "initiative.completed",
      fills: ["term"],
    },
    "note-status": {
      summary: "Note the status it has elsewhere (its lead).",
      says: "initiative.status-noted",
      fills: ["term"],
    },
    "step-up": {
      summary: "Say that you would lead, co-lead or shadow.",
      says: "lead.stepped-up",
      body: { as: z.enum(["lead", "co", "shadow"]).default("lead") },
    },
    "offer-handoff": {
      summary: "Offer the lead to another partner; you lead until the handoff is completed.",
      body: { to: PartnerId, until: Day.optional(), trialUntil: Day.optional(), pack: prose().optional() },
    },
    "accept-handoff": {
      summary: "Accept the lead that was offered to you, with the pledges you take over.",
      body: {
        ...offer,
        carry: z
          .union([z.literal("all"), z.array(z.union([Ref, PinnedRef])).max(maxCarried)])
          .default("all")
          .describe("Pledges the giver made as lead, or all of them; in as many appends as they need"),
      },
    },
    "decline-handoff": { summary: "Decline the lead; no reason is needed.", body: { ...offer, ...reason } },
    "cancel-handoff": {
      summary: "Take back an offer of the lead (its giver).",
      body: { ...offer, ...reason },
    },
    "retract-acceptance": {
      summary: "Take your acceptance back before the lead was passed on.",
      body: accept,
    },
    "reaffirm-handoff": {
      summary: "Stand by an offer whose cancellation crossed with its acceptance.",
      body: accept,
    },
    "complete-handoff": {
      summary: "Pass the lead on (your node does so itself when it sees the acceptance).",
      body: accept,
    },
  },
);
