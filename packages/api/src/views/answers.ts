/** The envelopes of HTTP answers (a page, a completed command, a problem) and the parameters of every read. */

import { Day, PinnedRef, Ref } from "@handfast/protocol/ids";
import { z } from "zod";
import { ChallengeView } from "./challenge.ts";
import { CommitmentView } from "./commitment.ts";
import { ConversationView } from "./conversation.ts";
import { InitiativeView } from "./initiative.ts";
import { PartnerView } from "./partner.ts";

/** What each collection holds. */
export const collections = {
  initiatives: InitiativeView,
  commitments: CommitmentView,
  challenges: ChallengeView,
  conversations: ConversationView,
  partners: PartnerView,
} as const;

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe("Ask again with `after` set to this; null at the end"),
    position: z.int().describe("This node's position as of which the page was read"),
  });
export type Page<Item> = { readonly items: Item[]; readonly next: string | null; readonly position: number };

/** Beside the resource: what was appended, and how far this node's own view is. */
export const done = {
  ref: Ref.describe("The first appended entry"),
  refs: z.array(PinnedRef).describe("All appended entries, in order"),
  position: z.int().describe("This node's position of the last of them"),
  readModel: z
    .enum(["current", "behind"])
    .describe("Behind: the act is stored, the view of it is not here yet"),
  waived: z
    .string()
    .optional()
    .describe(
      "The code of the problem that was waived because the act is imported, such as `due-in-the-past`; absent where nothing was",
    ),
} as const;
export const Done = z.object({ ...done, id: z.string().describe("The thing acted on") }).meta({ id: "Done" });
/** A done command with the thing as it is now; alone where the node's view is behind. */
export const doneWith = {
  initiatives: z.union([InitiativeView.extend(done).meta({ id: "InitiativeDone" }), Done]),
  commitments: z.union([CommitmentView.extend(done).meta({ id: "CommitmentDone" }), Done]),
  challenges: z.union([ChallengeView.extend(done).meta({ id: "ChallengeDone" }), Done]),
  conversations: z.union([ConversationView.extend(done).meta({ id: "ConversationDone" }), Done]),
  partners: z.union([PartnerView.extend(done).meta({ id: "PartnerDone" }), Done]),
} as const;
export type Done = z.infer<typeof Done>;

/** RFC 9457, with the bare code that clients compare across nodes. */
export const Problem = z
  .object({
    type: z.string().describe("`/problems/<code>`: a page of this node that explains it"),
    code: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    hint: z.string().optional().describe("What to try"),
    instance: z.string().optional().describe("The request's id"),
    errors: z
      .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() }))
      .optional()
      .describe("What does not fit, by JSON pointer into the body (`#/due`) or by the parameter's name"),
    actual: z.string().optional().describe("For wrong-revision: the ETag now"),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;

/** Largest page. */
const pageLimit = 200;
/** A moment: a day (its last millisecond, UTC) or an RFC 3339 instant. */
export const Moment = z.union([Day, z.iso.datetime({ offset: true })], {
  error: "is neither a date (2026-01-01) nor an RFC 3339 instant (2026-01-01T12:00:00Z)",
});
export const atMoment = {
  asOf: Moment.optional().describe("As it stood then: a day or an RFC 3339 instant"),
  timeline: z
    .enum(["recorded", "occurred"])
    .default("recorded")
    .describe("For `asOf`: by when it was written, or by when it is said to have happened"),
} as const;
export const paging = {
  after: z.string().max(256).optional().describe("The `next` of the page before"),
  limit: z.coerce.number().int().min(1).max(pageLimit).default(50),
} as const;
