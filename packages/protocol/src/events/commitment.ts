/** Commitments: one partner promises others an outcome by a day. An entry that states terms holds them whole. */
import { z } from "zod";
import { Day, PartnerId, PinnedRef, Ref } from "../ids.ts";
import { limits } from "../limits.ts";
import { lineOfText } from "../text.ts";
import { eventX } from "./any.ts";
import { Term } from "./initiative.ts";

/** Whom it is promised to: a partner, the network, or an initiative by its ref. */
export const Beneficiary = z.union([PartnerId, z.literal("network"), Ref]);
export type Beneficiary = z.infer<typeof Beneficiary>;

const unique = (items: readonly string[]) => new Set(items).size === items.length;
export const Beneficiaries = z
  .array(Beneficiary)
  .min(1)
  .max(limits.parties)
  .refine(unique, { message: "named twice" });
export const Confirmers = z.array(PartnerId).max(limits.parties).refine(unique, { message: "named twice" });
/** The lead as which a pledge was made; such pledges can go along in a handoff. */
export const Seat = z.strictObject({ initiative: Ref, term: Term });

const terms = {
  debtor: PartnerId,
  beneficiaries: Beneficiaries,
  confirmers: Confirmers.optional(),
  due: Day,
} as const;

/** Ids of criteria in the terms' text. */
export const Criteria = z.array(lineOfText(32)).max(32);
/** Percent. */
export const Part = z.int().min(1).max(100);

/** Asked and offered is between partners, and nobody owes to themself; one may pledge to whom one likes. */
const betweenPartners = eventX({ ...terms, origin: Ref.optional() }).refine(
  ({ beneficiaries, debtor }) =>
    beneficiaries.every((one) => PartnerId.safeParse(one).success && one !== debtor),
  { message: "beneficiaries: a partner other than the debtor each" },
);
const named = eventX({ terms: PinnedRef });
const done = eventX({ criteria: Criteria.optional(), part: Part.optional() });

export const commitmentEvents = {
  "commitment.requested": betweenPartners,
  "commitment.offered": betweenPartners,
  "commitment.pledged": eventX({ ...terms, origin: Ref.optional(), seat: Seat.optional() }),
  "commitment.countered": eventX({ ...terms, base: PinnedRef }),
  "commitment.accepted": named,
  "commitment.declined": named,
  "commitment.retracted": named,
  "commitment.reaffirmed": named,
  "commitment.let-go": named,
  "commitment.pledge-declined": eventX({}),
  "commitment.progressed": done,
  "commitment.claimed": done,
  "commitment.disputed": done,
  "commitment.confirmed": eventX({ as: z.enum(["full", "partial"]), criteria: Criteria.optional() }),
  "commitment.released": eventX({}),
  "commitment.withdrawn": eventX({}),
  "commitment.revision-proposed": eventX({ base: PinnedRef, due: Day }),
  "commitment.revision-accepted": named,
  "commitment.revision-declined": named,
  "commitment.revision-retracted": named,
  "commitment.carry-accepted": eventX({ offer: Ref, terms: PinnedRef }),
  "commitment.carried": eventX({ completed: Ref, accepted: Ref }),
} as const;
