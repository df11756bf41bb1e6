/** Holds what a request carries against its route's schema, and keeps what does not fit for the answer. */
import { type Misfit, parseInput } from "@handfast/api/misfits";
import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";

/** Fastify adds which part of the request it was. */
export class MisfitError extends Error {
  override readonly name = "MisfitError";
  readonly misfits: readonly Misfit[];
  readonly validationContext?: string;

  constructor(misfits: readonly Misfit[]) {
    super("the request does not fit its route's schema");
    this.misfits = misfits;
  }
}

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (value: unknown) => {
    const parsed = parseInput(schema, value);
    return parsed.ok ? { value: parsed.value } : { error: new MisfitError(parsed.misfits) };
  };
