/** One entry of the history, in this node's order of arrival, with its outcome. */

import { Hash, LogId, Ref } from "@handfast/protocol/ids";
import { z } from "zod";
import { Named, Texts, times } from "./named.ts";

/** Any JSON value. Zod's own has no name, and a document cannot refer to what has none. */
const JsonValue: z.ZodType<z.core.util.JSONType> = z
  .union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(z.lazy(() => JsonValue)),
    z.record(
      z.string(),
      z.lazy(() => JsonValue),
    ),
  ])
  .meta({ id: "JsonValue" });

export const EventView = z
  .object({
    position: z.int().min(1).describe("This node's own order of arrival"),
    id: Ref,
    hash: Hash,
    by: Named,
    log: LogId,
    seq: z.int().min(0),
    type: z.string(),
    subject: z.string().describe("The thing it is about, or the network's id"),
    at: times.recordedAt,
    occurredAt: times.occurredAt,
    effect: z.enum(["effective", "crossed", "quarantined", "stranded", "none"]),
    reason: z.string().optional().describe("Why it has no effect"),
    x: z.record(z.string(), JsonValue).describe("What the entry says, as its author wrote it"),
    body: z.record(z.string(), JsonValue).nullable().describe("The texts, where they are here"),
    texts: Texts,
  })
  .meta({ id: "Event" });
export type EventView = z.infer<typeof EventView>;
