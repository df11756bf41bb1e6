/** Where in a body a partner stands, so that people may write its name there; read off the body's own schema. */
import { namesPartner } from "@handfast/protocol/ids";
import { z } from "zod";

/** Members that hold a partner's id, alone, in a list, or beside other things. */
export const partnerMembers = (body: z.ZodObject): ReadonlySet<string> =>
  new Set(
    Object.entries(body.shape as Readonly<Record<string, z.ZodType>>).flatMap(([member, schema]) =>
      holdsPartner(schema) ? [member] : [],
    ),
  );

/** Of those, the members that hold a list and nothing else: a partner alone does not fit there. */
export const partnerListMembers = (body: z.ZodObject): ReadonlySet<string> =>
  new Set(
    [...partnerMembers(body)].filter((member) =>
      isListOnly((body.shape as Readonly<Record<string, z.ZodType>>)[member]),
    ),
  );

function isListOnly(schema: z.ZodType | undefined): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return isListOnly(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodArray;
}

function holdsPartner(schema: z.ZodType): boolean {
  if (namesPartner(schema)) return true;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return holdsPartner(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodArray) return holdsPartner(schema.element as z.ZodType);
  return schema instanceof z.ZodUnion && (schema.options as readonly z.ZodType[]).some(holdsPartner);
}
