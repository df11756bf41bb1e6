/**
 * What every event's `x` may carry: where the fact comes from when it was recorded elsewhere first, and what a reader
 * must understand before applying it. Members a reader does not know are ignored unless `must` names them.
 */
import { z } from "zod";
import { limits } from "../limits.ts";
import { External } from "../text.ts";

/** Milliseconds since 1970 at which it happened, as the author states; the entry's `at` says when it was recorded. */
export const OccurredAt = z.int().min(0).max(limits.latestMs);

export const provenance = {
  occurredAt: OccurredAt.optional(),
  externalId: External.optional(),
  externalStatus: External.optional(),
  must: z.array(z.string().max(96)).max(16).optional(),
} as const;
