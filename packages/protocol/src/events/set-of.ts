/** Lists that name nothing twice. */
import { z } from "zod";
import { formats } from "../formats.ts";

const isUnique = (items: readonly string[]) => new Set(items).size === items.length;

/** A list of so many items at least and at most, none of them twice. */
export const setOf = <Item extends z.ZodType<string>>(item: Item, min: number, max: number) =>
  z
    .array(item)
    .min(min)
    .max(max)
    .refine(isUnique, { message: "named twice" })
    .register(formats, { uniqueItems: true } as object);
