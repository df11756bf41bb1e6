/** A challenge and the help offered for it. */

import { Day, Hash, Ref } from "@handfast/protocol/ids";
import { z } from "zod";
import { LinkedConversations } from "./conversation.ts";
import { Named, Texts, times } from "./named.ts";

export const HelpOfferView = z
  .object({
    id: Ref.describe("Commands name it as `offer`"),
    by: Named,
    state: z.enum(["offered", "accepted", "declined", "retracted", "crossed", "kept-warm"]),
    title: z.string().nullable(),
    text: z.string().nullable(),
    texts: Texts,
    part: z.string().optional(),
    due: Day.optional().describe("With a day the offer states terms"),
    commitment: Ref.optional().describe("The commitment that came of it"),
    ...times,
  })
  .meta({ id: "HelpOffer" });
export type HelpOfferView = z.infer<typeof HelpOfferView>;

export const ChallengeView = z
  .object({
    id: Ref,
    externalId: z.string().optional(),
    title: z.string().nullable(),
    text: z.string().nullable(),
    wanted: z.string().nullable(),
    texts: Texts,
    owner: Named,
    state: z.enum(["open", "acknowledged", "resolved"]),
    acknowledgedBy: z.array(Named),
    ackBy: Day.optional(),
    waiting: z.boolean().describe("A view: its acknowledge-by day has passed, and nobody acknowledged it"),
    offers: z.array(HelpOfferView),
    from: Ref.optional().describe("The text that it came from"),
    conversations: LinkedConversations,
    ...times,
    etag: Hash,
  })
  .meta({ id: "Challenge" });
export type ChallengeView = z.infer<typeof ChallengeView>;
