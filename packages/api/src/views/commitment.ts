/** A commitment as readers see it: five plain words first, the rest beside them. */

import { Day, Hash, PinnedRef, Ref } from "@handfast/protocol/ids";
import { z } from "zod";
import { LinkedConversations } from "./conversation.ts";
import { Named, Texts, times } from "./named.ts";

/** A partner, the network, or an initiative. */
export const BeneficiaryView = z
  .union([
    Named,
    z.object({ network: z.literal(true), name: z.string() }),
    z.object({ initiative: Ref, name: z.string() }),
  ])
  .meta({ id: "Beneficiary" });
export type BeneficiaryView = z.infer<typeof BeneficiaryView>;

export const TermsView = z
  .object({
    terms: PinnedRef.describe("How commands name these terms"),
    statedBy: Named,
    kind: z.enum(["request", "offer", "pledge", "counter", "revision"]),
    title: z.string().optional().describe("What later terms call it, where they say so and it is here"),
    text: z.string().optional().describe("What later terms say beside that"),
    debtor: Named,
    beneficiaries: z.array(BeneficiaryView),
    confirmers: z.array(Named),
    due: Day,
    standing: z.enum(["open", "dormant", "bound", "crossed", "closed"]),
    signed: z.array(Named),
    unsigned: z.array(Named),
  })
  .meta({ id: "Terms" });
export type TermsView = z.infer<typeof TermsView>;

/** What this node's own partner could do next. Nobody is shown anybody else's. */
export const MoveView = z
  .object({ verb: z.enum(["answer", "settle", "claim", "confirm"]), by: Day.nullable() })
  .meta({ id: "Move" });

export const CommitmentView = z
  .object({
    id: Ref,
    externalId: z.string().optional(),
    externalStatus: z.string().optional(),
    kind: z.enum(["request", "offer", "pledge"]),
    title: z.string().nullable(),
    text: z.string().nullable(),
    texts: Texts,
    words: z
      .enum(["asked", "offered", "agreed", "under way", "done?", "closed"])
      .describe("Its state in plain words"),
    state: z.enum([
      "requested",
      "offered",
      "declined",
      "retracted",
      "crossed",
      "active",
      "claimed",
      "disputed",
      "satisfied",
      "released",
      "withdrawn",
    ]),
    overdue: z.boolean().describe("A view: its day and the days of grace are over"),
    presumed: z.boolean().describe("A view: claimed as kept, and no confirmer answered in time"),
    crossed: z.boolean().describe("Two acts crossed; the party that pulled back says what holds"),
    partConfirmed: z.boolean(),
    claimNoted: z.boolean(),
    debtor: Named,
    beneficiaries: z.array(BeneficiaryView),
    confirmers: z.array(Named),
    due: Day,
    terms: z.array(TermsView).describe("All terms ever stated, revisions among them, the current ones first"),
    confirmations: z.array(
      z.object({ by: Named, as: z.enum(["full", "partial"]).nullable(), disputes: z.boolean() }),
    ),
    releasedBy: z.array(Named),
    initiative: Ref.optional(),
    origin: Ref.optional(),
    asLeadOf: z.object({ initiative: Ref, term: z.int() }).optional(),
    yourMoves: z.array(MoveView),
    conversations: LinkedConversations,
    ...times,
    etag: Hash,
  })
  .meta({ id: "Commitment" });
export type CommitmentView = z.infer<typeof CommitmentView>;
