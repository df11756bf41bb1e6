/** What narrows a list of things. Partners are never narrowed or ordered by anything that measures them. */
import { Day, LineRef } from "@handfast/protocol/ids";
import { External } from "@handfast/protocol/text";
import { z } from "zod";
import { ChallengeView } from "./challenge.ts";
import { CommitmentView } from "./commitment.ts";
import { ConversationView } from "./conversation.ts";
import { InitiativeView } from "./initiative.ts";
import { PartnerIdOrName } from "./named.ts";

const shared = {
  externalId: External.optional().describe("Its id elsewhere; several things may share one"),
  partner: PartnerIdOrName.optional().describe(
    "Things that this partner wrote an entry of, or is named in: an id or a name",
  ),
  text: z
    .string()
    .max(200)
    .refine((text) => /[\p{L}\p{N}]/u.test(text), { message: "holds no letter and no digit" })
    .optional()
    .describe("Words that each begin a word of the title, whatever their case and accents"),
} as const;

export const listFilters = {
  initiatives: { ...shared, state: InitiativeView.shape.status.optional() },
  commitments: {
    ...shared,
    state: CommitmentView.shape.state.optional(),
    dueBefore: Day.optional().describe("Due earlier than that day"),
    dueAfter: Day.optional().describe("Due later than that day"),
    overdue: z.enum(["true", "false"]).optional().describe("Whether its day and the days of grace are over"),
    initiative: LineRef.optional().describe("For this initiative, made as its lead, or come from it"),
  },
  challenges: { ...shared, state: ChallengeView.shape.state.optional() },
  conversations: {
    ...shared,
    about: LineRef.optional().describe("About this thing, or this thing came from it: a thing's id"),
    as: ConversationView.shape.as.optional().describe("What it began as"),
    waiting: z
      .enum(["for-you", "for-others"])
      .optional()
      .describe(
        "for-you: somebody asked this node's partner something that it has not answered; for-others: it asked, and waits",
      ),
    reviewBefore: Day.optional().describe("Decisions to be looked at again before that day"),
  },
  partners: {},
} as const satisfies Record<string, z.ZodRawShape>;

/** Every filter, as it stands in a query: a collection refuses those that are not its own. */
export type ListFilters = Readonly<
  Partial<
    z.infer<
      z.ZodObject<
        typeof listFilters.initiatives & typeof listFilters.commitments & typeof listFilters.conversations
      >
    >
  >
>;
