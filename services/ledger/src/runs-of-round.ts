/** What a round makes durable, as the stores take it. */
import type { Arrival } from "@handfast/replica/replica";
import type { LedgerIdentity } from "./files.ts";
import type { OwnBatch } from "./own-batch.ts";
import type { WritingRun } from "./write-runs.ts";

export function ownRuns({ entries }: OwnBatch, { log, partner }: LedgerIdentity): WritingRun[] {
  const [first] = entries;
  if (first === undefined) return [];
  return [
    {
      log,
      by: partner,
      from: first.entry.header.seq,
      entries: entries.map(({ entry }) => entry),
      payloads: entries.flatMap(({ entry, payload }) =>
        payload === null ? [] : [{ seq: entry.header.seq, ...payload }],
      ),
      lacking: [],
      edge: null,
    },
  ];
}

export const foreignRun = ({ line, log, by, base, from, entries, edge }: Arrival): WritingRun => ({
  log: line,
  by,
  ...(base === null || from > base.size
    ? {}
    : { branch: { of: log, base: base.line.line, size: base.size } }),
  from,
  entries,
  payloads: [],
  lacking: entries.flatMap(({ header }) => (header.payload === null ? [] : [header.seq])),
  edge,
});
