/** Commitments: one partner promises others an outcome by a day. An entry that states terms states all of them. */
import { z } from "zod";
import { Day, PartnerId } from "../ids.ts";
import { defineEvents, pinnedRef, type Rule, ref } from "./define.ts";
import { Seat } from "./seat.ts";
import { Beneficiaries, type Beneficiary, Confirmers, Criteria, Part } from "./terms.ts";

const terms = {
  debtor: PartnerId,
  beneficiaries: Beneficiaries,
  confirmers: Confirmers.optional(),
  due: Day,
} as const;
const named = { terms: pinnedRef() };
const done = { criteria: Criteria.optional(), part: Part.optional() };

/** Requests and offers are between partners, and nobody owes themself; a pledge may be to anyone. */
const betweenPartners: Rule = {
  id: "between-partners",
  states: "beneficiaries: each is a partner other than the debtor",
  holds: ({ beneficiaries, debtor }: { beneficiaries: readonly Beneficiary[]; debtor: PartnerId }) =>
    beneficiaries.every((to) => PartnerId.safeParse(to).success && to !== debtor),
};

export const commitmentEvents = defineEvents(
  { machine: "commitment", nouns: ["commitment"], level: "thing" },
  {
    "commitment.requested": {
      opens: true,
      x: { ...terms, origin: ref().optional() },
      rule: betweenPartners,
      texts: ["title", "text"],
    },
    "commitment.offered": {
      opens: true,
      x: { ...terms, origin: ref().optional() },
      rule: betweenPartners,
      texts: ["title", "text"],
    },
    "commitment.pledged": {
      opens: true,
      x: { ...terms, origin: ref().optional(), seat: Seat.optional() },
      texts: ["title", "text"],
    },
    "commitment.countered": { x: { ...terms, base: pinnedRef() }, texts: ["title", "text"] },
    "commitment.accepted": { x: named },
    "commitment.declined": { x: named, texts: ["reason"] },
    "commitment.retracted": { x: named, texts: ["reason"] },
    "commitment.reaffirmed": { x: named },
    "commitment.let-go": { x: named },
    "commitment.pledge-declined": { x: {}, texts: ["reason"] },
    "commitment.progressed": { x: done, texts: ["text", "evidence"] },
    "commitment.claimed": { x: done, texts: ["text", "evidence"] },
    "commitment.disputed": { x: done, texts: ["text"] },
    "commitment.confirmed": {
      x: { as: z.enum(["full", "partial"]), criteria: Criteria.optional() },
      texts: ["text"],
    },
    "commitment.released": { x: {}, texts: ["reason"] },
    "commitment.withdrawn": { x: {}, texts: ["reason"] },
    "commitment.revision-proposed": { x: { base: pinnedRef(), due: Day }, texts: ["title", "reason"] },
    "commitment.revision-accepted": { x: named },
    "commitment.revision-declined": { x: named, texts: ["reason"] },
    "commitment.revision-retracted": { x: named, texts: ["reason"] },
    "commitment.carry-accepted": { x: { offer: ref(), terms: pinnedRef() } },
    "commitment.carried": { x: { completed: ref(), accepted: ref() } },
  },
);
