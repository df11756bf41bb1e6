/** What a history file may say: one fact a line, each of a strict shape. */
import { Moment } from "@handfast/api/views/answers";
import { Day } from "@handfast/protocol/ids";
import { External, lineOfText, Title } from "@handfast/protocol/text";
import { z } from "zod";

/** As its source wrote it: longer than a partner's name in the network may be, since `--names` may say whom it means. */
const SourceName = lineOfText(1_000);

const common = {
  at: Moment,
  partner: SourceName,
  initiative: External,
} as const;
const commitment = { ...common, commitment: External } as const;

/** By kind. `partner` is who acts; ids are the source's own. */
export const facts = {
  "initiative.proposed": z.strictObject({
    ...common,
    fact: z.literal("initiative.proposed"),
    title: Title,
  }),
  "lead.changed": z.strictObject({ ...common, fact: z.literal("lead.changed"), to: SourceName }),
  "partner.joined": z.strictObject({ ...common, fact: z.literal("partner.joined") }),
  "partner.left": z.strictObject({ ...common, fact: z.literal("partner.left") }),
  "initiative.status": z.strictObject({ ...common, fact: z.literal("initiative.status"), status: External }),
  "commitment.made": z.strictObject({
    ...commitment,
    fact: z.literal("commitment.made"),
    title: Title,
    due: Day,
  }),
  "commitment.rescheduled": z.strictObject({
    ...commitment,
    fact: z.literal("commitment.rescheduled"),
    title: Title.optional(),
    due: Day,
    was: Day.optional(),
    after_due: z.boolean().optional(),
  }),
  "commitment.withdrawn": z.strictObject({
    ...commitment,
    fact: z.literal("commitment.withdrawn"),
    title: Title.optional(),
  }),
  "commitment.fulfilled": z.strictObject({
    ...commitment,
    fact: z.literal("commitment.fulfilled"),
    title: Title.optional(),
  }),
} as const;
export type FactKind = keyof typeof facts;
export type Fact = { readonly [Kind in FactKind]: z.infer<(typeof facts)[Kind]> }[FactKind];
