/** One entry of the history as readers see it, with what became of it. */
import type { EventView } from "@handfast/api/views/event";
import { instantOf } from "@handfast/api/views/named";
import type { Arrival } from "../read-entry.ts";
import { maybe, type Reading } from "./reading.ts";

export function eventView({ position, fact, type, x }: Arrival, reading: Reading): EventView {
  const verdict = reading.cut.verdictOf(fact.ref);
  const text = reading.projection.texts.of(fact.ref);
  const { occurredAt } = x;
  return {
    position,
    id: fact.ref,
    hash: fact.hash,
    by: reading.named(fact.by),
    log: fact.log,
    seq: fact.seq,
    type,
    subject: fact.subject,
    at: instantOf(fact.at[0]),
    ...maybe("occurredAt", typeof occurredAt === "number" ? instantOf(occurredAt) : null),
    effect: verdict?.effect ?? "none",
    ...maybe("reason", verdict?.effect === "none" ? verdict.reason : null),
    x,
    body: text.body as EventView["body"],
    texts: text.state,
  };
}
