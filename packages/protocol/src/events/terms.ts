/** The parts of a commitment's terms: who owes what to whom, by when, and who confirms it. */
import { z } from "zod";
import { PartnerId } from "../ids.ts";
import { limits } from "../limits.ts";
import { lineOfText } from "../text.ts";
import { ref } from "./define.ts";
import { setOf } from "./set-of.ts";

/** Whom it is promised to: a partner, the network, or an initiative by its ref. */
export const Beneficiary = z.union([PartnerId, z.literal("network"), ref()]);
export type Beneficiary = z.infer<typeof Beneficiary>;

export const Beneficiaries = setOf(Beneficiary, 1, limits.parties);
export const Confirmers = setOf(PartnerId, 0, limits.parties);

/** Ids of criteria in the terms' text. */
export const Criteria = z.array(lineOfText(32)).max(32);
/** Percent. */
export const Part = z.int().min(1).max(100);
