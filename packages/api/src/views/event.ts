/** One entry of the history, in this node's order of arrival, with what became of it. */

import { Hash, LogId, Ref } from "@handfast/protocol/ids";
import { z } from "zod";
import { Named, Texts, times } from "./named.ts";

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
    effect: z.enum(["effective", "crossed", "none"]),
    reason: z.string().optional().describe("Why it has no effect"),
    x: z.record(z.string(), z.json()).describe("What the entry says, as its author wrote it"),
    body: z.record(z.string(), z.json()).nullable().describe("The texts, where they are here"),
    texts: Texts,
  })
  .meta({ id: "Event" });
export type EventView = z.infer<typeof EventView>;
