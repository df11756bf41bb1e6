/** The parts of a commitment's terms: who owes what to whom, by when, and who confirms it. */
import { z } from "zod";
import { formats } from "../formats.ts";
import { PartnerId } from "../ids.ts";
import { limits } from "../limits.ts";
import { lineOfText } from "../text.ts";
import { ref } from "./define.ts";

/** Whom it is promised to: a partner, the network, or an initiative by its ref. */
export const Beneficiary = z.union([PartnerId, z.literal("network"), ref()]);
export type Beneficiary = z.infer<typeof Beneficiary>;

const isUnique = (items: readonly string[]) => new Set(items).size === items.length;
const setOf = <Item extends z.ZodType<string>>(item: Item, min: number) =>
  z
    .array(item)
    .min(min)
    .max(limits.parties)
    .refine(isUnique, { message: "named twice" })
    .register(formats, { uniqueItems: true } as object);

export const Beneficiaries = setOf(Beneficiary, 1);
export const Confirmers = setOf(PartnerId, 0);

/** Ids of criteria in the terms' text. */
export const Criteria = z.array(lineOfText(32)).max(32);
/** Percent. */
export const Part = z.int().min(1).max(100);
