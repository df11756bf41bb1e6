/** Reading, on a connection that cannot write. */
import type { DatabaseSync } from "node:sqlite";
import { createAtHand } from "@handfast/replica/at-hand";
import type { Edge } from "@handfast/replica/edge";
import { type Known, type Segment, segmentEntries } from "@handfast/replica/segment";
import { StorageError } from "@handfast/storage/fault";
import type { Database } from "@handfast/storage/sqlite";
import { segmentsPerLog } from "./complete.ts";
import type { LogNumbers } from "./log-numbers.ts";
import type { Arrival, NodeStore, Place, StoredPayload } from "./node-store.ts";
import { seqsPerLog } from "./schema.ts";
import { decodeKnown, decodeSegment } from "./segment-rows.ts";

type LogRow = {
  log: string;
  by: string;
  size: number;
  noteSize: number;
  note: string | null;
  proof: Uint8Array;
  branchOf: number | null;
  base: number | null;
  branchSize: number | null;
};
type ArrivalRow = { position: number; log: number; start: number; end: number };
type CheckpointRow = { size: number; note: string };

const subjectsAtOnce = 16;

/** Full segments that stay at hand once they were read, at least: 13 KiB each. */
const segmentsAtHand = 256;

export function createReads(database: Database, numbers: LogNumbers) {
  const { reading } = database;
  const prepare = (sql: string): ReturnType<DatabaseSync["prepare"]> => reading.prepare(sql);
  const allLogs = prepare(
    `SELECT logs.log, by, logs.size, note_size AS noteSize, coalesce(logs.note, checkpoints.note) AS note, proof,
       branches.log AS branchOf, branches.base, branches.size AS branchSize
     FROM logs LEFT JOIN checkpoints ON checkpoints.log = number AND checkpoints.size = logs.size
     LEFT JOIN branches ON branches.line = number ORDER BY number`,
  );
  const lastArrival = prepare(
    "SELECT position, log, start, end FROM arrivals ORDER BY position DESC LIMIT 1",
  );
  const arrivalAt = prepare(
    "SELECT position, log, start, end FROM arrivals WHERE position <= ? ORDER BY position DESC LIMIT 1",
  );
  const arrivalsAfter = prepare(
    "SELECT position, log, start, end FROM arrivals WHERE position > ? ORDER BY position LIMIT ?",
  );
  const checkpointFrom = prepare(
    "SELECT size, note FROM checkpoints WHERE log = ? AND size >= ? ORDER BY size LIMIT 1",
  );
  const checkpoints = prepare(
    "SELECT size, note FROM checkpoints WHERE log = ? AND size > ? ORDER BY size LIMIT ?",
  );
  const payload = prepare("SELECT salt, body FROM payloads WHERE id = ?");
  const lacking = prepare("SELECT position, id FROM lacking WHERE position > ? ORDER BY position LIMIT ?");
  const proofs = prepare("SELECT id, log, start FROM proofs ORDER BY id");
  const roots = prepare("SELECT root FROM segments WHERE id >= ? AND id < ? ORDER BY id");
  const segment = prepare("SELECT digest, body FROM segments WHERE id = ?");
  const learned = prepare("SELECT id, known FROM learned WHERE id >= ? AND id < ? ORDER BY id");
  const heads = prepare("SELECT heads FROM heads WHERE subject = ?");
  const manyHeads = prepare(
    `SELECT subject, heads FROM heads WHERE subject IN (${Array(subjectsAtOnce).fill("?").join(", ")})`,
  );
  const networkEntries = prepare("SELECT id FROM network_entries ORDER BY number");
  const intent = prepare("SELECT intent FROM intents WHERE number = 0");

  const learnedOf = (log: string, from: number, to: number): ReadonlyMap<number, Known> => {
    const number = numbers.of(log);
    if (number === undefined) return new Map();
    const first = number * seqsPerLog;
    const rows = learned.all(first + from, first + to) as { id: number; known: Uint8Array }[];
    return new Map(rows.map(({ id, known }) => [id - first, decodeKnown(known, numbers)]));
  };
  const atHand = createAtHand<number, Segment>(segmentsAtHand);
  const segmentOf = (log: string, index: number): Segment => {
    const id = numbers.numberOf(log) * segmentsPerLog + index;
    const known = atHand.get(id);
    if (known !== undefined) return known;
    const row = segment.get(id) as { digest: Uint8Array; body: Uint8Array } | undefined;
    if (row === undefined) throw new StorageError("damaged", `segment ${index} of log ${log} is missing`);
    const first = index * segmentEntries;
    const rises = [...learnedOf(log, first, first + segmentEntries)];
    const read: Segment = {
      ...decodeSegment(row, numbers),
      learned: new Map(rises.map(([seq, rise]) => [seq - first, rise])),
    };
    atHand.set(id, read);
    return read;
  };
  const arrivals: NodeStore["arrivals"] = (after, entries) => {
    const found: Arrival[] = [];
    const containing = arrivalAt.get(after + 1) as ArrivalRow | undefined;
    const following = arrivalsAfter.all(after + 1, entries) as ArrivalRow[];
    let left = entries;
    for (const row of containing === undefined ? following : [containing, ...following]) {
      const skipped = Math.max(0, after + 1 - row.position);
      const from = row.start + skipped;
      const to = Math.min(row.end, from + left);
      if (from >= to) continue;
      found.push({ position: row.position + skipped, log: numbers.nameOf(row.log), from, to });
      left -= to - from;
      if (left === 0) break;
    }
    return found;
  };

  const placeOf = ({ id }: { readonly id: number }): Place => ({
    log: numbers.nameOf(Math.floor(id / seqsPerLog)),
    seq: id % seqsPerLog,
  });
  const branchIn = ({ branchOf, base, branchSize }: Pick<LogRow, "branchOf" | "base" | "branchSize">) =>
    branchOf === null || base === null || branchSize === null
      ? null
      : { of: numbers.nameOf(branchOf), base: numbers.nameOf(base), size: branchSize };
  const guarded =
    <Given extends readonly unknown[], Answer>(work: (...given: Given) => Answer) =>
    (...given: Given): Answer =>
      database.read(() => work(...given));

  return {
    head: guarded(() => {
      const last = lastArrival.get() as ArrivalRow | undefined;
      return last === undefined ? 0 : last.position + last.end - last.start - 1;
    }),
    logs: guarded(() =>
      (allLogs.all() as LogRow[]).map(({ log, by, size, noteSize, note, proof, ...row }) => {
        if (note === null) throw new StorageError("damaged", `the checkpoint of log ${log} is missing`);
        const edge: Edge = { size, noteSize, note, proof: hashesIn(proof) };
        return { log, by, edge, branch: branchIn(row) };
      }),
    ),
    arrivals: guarded(arrivals),
    checkpointFrom: guarded(
      (log: string, size: number) =>
        (checkpointFrom.get(numbers.of(log) ?? -1, size) as CheckpointRow | undefined) ?? null,
    ),
    checkpoints: guarded(
      (log: string, after: number, limit: number) =>
        checkpoints.all(numbers.of(log) ?? -1, after, limit) as CheckpointRow[],
    ),
    segmentRoots: guarded((log: string) => {
      const first = numbers.numberOf(log) * segmentsPerLog;
      return (roots.all(first, first + segmentsPerLog) as { root: Uint8Array }[]).map(({ root }) => root);
    }),
    segment: guarded(segmentOf),
    learned: guarded(learnedOf),
    heads: guarded((subject: string) => (heads.get(subject) as { heads: string } | undefined)?.heads ?? null),
    headsOfMany: guarded((subjects: readonly string[]) => {
      const found = new Map<string, string>();
      for (let from = 0; from < subjects.length; from += subjectsAtOnce) {
        const asked = subjects.slice(from, from + subjectsAtOnce);
        // No subject is the empty text.
        const padded = [...asked, ...Array<string>(subjectsAtOnce - asked.length).fill("")];
        for (const row of manyHeads.all(...padded) as { subject: string; heads: string }[])
          found.set(row.subject, row.heads);
      }
      return found;
    }),
    networkEntries: guarded(() => (networkEntries.all() as { id: number }[]).map(placeOf)),
    payload: guarded(({ log, seq }: { log: string; seq: number }) => {
      const number = numbers.of(log);
      const row = number === undefined ? undefined : payload.get(number * seqsPerLog + seq);
      return (row as StoredPayload | undefined) ?? null;
    }),
    lackingPayloads: guarded((after: number, limit: number) =>
      (lacking.all(after, limit) as { position: number; id: number }[]).map(({ position, id }) => ({
        position,
        ...placeOf({ id }),
      })),
    ),
    proofs: guarded(() =>
      (proofs.all() as { id: number; log: number; start: number }[]).map(({ id, log, start }) => ({
        ...placeOf({ id }),
        proves: { log: numbers.nameOf(log), from: start },
      })),
    ),
    intent: guarded(() => (intent.get() as { intent: string } | undefined)?.intent ?? null),
  };
}

function hashesIn(proof: Uint8Array): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let start = 0; start < proof.length; start += 32) hashes.push(proof.subarray(start, start + 32));
  return hashes;
}
