/** One entry of the history as readers see it, with its outcome. */
import type { EventView } from "@handfast/api/views/event";
import { instantOf } from "@handfast/api/views/named";
import type { Verdict } from "@handfast/domain/verdict";
import type { StoredEntry } from "../stored-facts.ts";
import { maybe, type Reading } from "./reading.ts";

export function eventView(
  { position, fact, type, x }: StoredEntry,
  verdict: Verdict | undefined,
  reading: Reading,
): EventView {
  const text = reading.body(fact.ref);
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
