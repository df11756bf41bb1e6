/** Invented histories as the ledger would hand them out. */
import type { LedgerEntry } from "@handfast/api/messages/ledger";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import type { Told } from "@handfast/testkit/histories";

/** Turns facts, each after its past, into the ledger's entries: positions from 1, and what each learned. */
export function createArrivals(logs: readonly string[]) {
  const known = new Map<string, Map<string, number>>();
  let position = 0;
  return (fact: Told): LedgerEntry => {
    const before = known.get(fact.log) ?? new Map<string, number>();
    const past: Record<string, number> = {};
    for (const log of logs) {
      const seq = log === fact.log ? -1 : fact.past(log);
      if (seq > (before.get(log) ?? -1)) past[log] = seq;
    }
    known.set(fact.log, new Map([...before, ...Object.entries(past)]));
    position += 1;
    return { position, header: canonicalText(fact.header as unknown as Json), hash: fact.hash, past };
  };
}
