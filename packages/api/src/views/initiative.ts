/** An initiative as readers see it. */

import { Day, Hash, Ref } from "@handfast/protocol/ids";
import { z } from "zod";
import { LinkedConversations } from "./conversation.ts";
import { Named, Texts, times } from "./named.ts";

export const HandoffView = z
  .object({
    id: Ref.describe("The entry that offered it; commands name it as `offer`"),
    from: Named,
    to: Named,
    term: z.int(),
    state: z.enum([
      "offered",
      "accepted",
      "declined",
      "retracted",
      "cancelled",
      "crossed",
      "completed",
      "over",
    ]),
    accept: Ref.nullable().describe("The entry that accepted it"),
    until: Day.optional(),
    lapsed: z
      .boolean()
      .describe("A view: offered, and the day until which it could be accepted is over everywhere"),
    trialUntil: Day.optional(),
  })
  .meta({ id: "Handoff" });
export type HandoffView = z.infer<typeof HandoffView>;

export const InitiativeView = z
  .object({
    id: Ref,
    externalId: z.string().optional(),
    title: z.string().nullable(),
    problem: z.string().nullable(),
    benefits: z.string().nullable(),
    success: z.string().nullable(),
    texts: Texts,
    proposedBy: Named,
    status: z.enum(["proposed", "active", "paused", "completed"]),
    externalStatus: z.string().optional().describe("The last status noted from elsewhere"),
    lead: Named.nullable(),
    term: z.int().describe("1 for the first lead, one more at every completed handoff"),
    participants: z.array(Named).describe("Who takes part; the lead is not listed among them"),
    handoffs: z.array(HandoffView),
    stepUps: z.array(z.object({ by: Named, as: z.enum(["lead", "co", "shadow"]), at: times.recordedAt })),
    waysIn: z
      .array(z.enum(["join", "step-up", "pledge"]))
      .describe("How this node's own partner could take part"),
    from: Ref.optional().describe("The text that it came from"),
    conversations: LinkedConversations,
    ...times,
    etag: Hash,
  })
  .meta({ id: "Initiative" });
export type InitiativeView = z.infer<typeof InitiativeView>;
