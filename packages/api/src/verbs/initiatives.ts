/** Initiatives and the handing over of their lead. */

import { Day, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { External, prose, Title } from "@handfast/protocol/text";
import { z } from "zod";
import { body, type CommandSpec } from "./verb.ts";

const reason = { reason: prose().optional() };
const spec = <Body extends z.ZodObject>(verb: string, summary: string, bodyOf: Body) =>
  ({
    service: "initiatives",
    verb,
    collection: "initiatives",
    creates: false,
    role: "member",
    summary,
    body: bodyOf,
  }) as const;
/** Pledges that one acceptance may name: as many as fit into the body of a request. More go along by `all`. */
const maxCarried = 500;
/** Names the offer; where only one fits it may be left out. */
const offer = { offer: Ref.optional() };

export const initiativeCommands = {
  "initiative.propose": {
    ...spec(
      "propose",
      "Propose an initiative; you lead it until you hand it over, unless the seat is left open.",
      body({
        act: z.literal("propose").default("propose"),
        title: Title,
        problem: prose().optional(),
        benefits: prose().optional().describe("Who benefits, and not only the proposer"),
        success: prose().optional(),
        seat: z.literal("open").optional(),
      }),
    ),
    creates: true,
  },
  "initiative.adopt": spec(
    "adopt",
    "Begin the work; at least two partners must have active commitments to it.",
    body(reason),
  ),
  "initiative.join": spec("join", "Take part.", body(reason)),
  "initiative.leave": spec("leave", "No longer take part.", body(reason)),
  "initiative.pause": spec("pause", "Pause it (its lead).", body(reason)),
  "initiative.resume": spec("resume", "Go on with it (its lead).", body(reason)),
  "initiative.complete": spec("complete", "Say that it reached its goal (its lead).", body(reason)),
  "initiative.note-status": spec(
    "note-status",
    "Note the status it has elsewhere (its lead).",
    body({ ...reason, externalStatus: External }),
  ),
  "initiative.step-up": spec(
    "step-up",
    "Say that you would lead, co-lead or shadow.",
    body({ as: z.enum(["lead", "co", "shadow"]).default("lead"), needs: prose().optional() }),
  ),
  "initiative.offer-handoff": spec(
    "offer-handoff",
    "Offer the lead to another partner; you lead until it is completed.",
    body({ to: PartnerId, until: Day.optional(), trialUntil: Day.optional(), pack: prose().optional() }),
  ),
  "initiative.accept-handoff": spec(
    "accept-handoff",
    "Accept the lead that was offered to you, with the pledges you take over.",
    body({
      ...offer,
      carry: z
        .union([z.literal("all"), z.array(z.union([Ref, PinnedRef])).max(maxCarried)])
        .default("all")
        .describe("Pledges the giver made as lead, or all of them; in as many appends as they need"),
    }),
  ),
  "initiative.decline-handoff": spec(
    "decline-handoff",
    "Decline the lead; no reason is needed.",
    body({ ...offer, ...reason }),
  ),
  "initiative.cancel-handoff": spec(
    "cancel-handoff",
    "Take an offer of the lead back (its giver).",
    body({ ...offer, ...reason }),
  ),
  "initiative.retract-acceptance": spec(
    "retract-acceptance",
    "Take your acceptance back, before the lead was passed.",
    body({ accept: Ref.optional() }),
  ),
  "initiative.reaffirm-handoff": spec(
    "reaffirm-handoff",
    "Stand by an offer whose cancelling crossed with its acceptance.",
    body({ accept: Ref.optional() }),
  ),
  "initiative.complete-handoff": spec(
    "complete-handoff",
    "Pass the lead on (your node does this by itself on seeing the acceptance).",
    body({ accept: Ref.optional() }),
  ),
} as const satisfies Record<string, CommandSpec>;
