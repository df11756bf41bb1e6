/** Reading, on a connection that cannot write. */
import type { DatabaseSync } from "node:sqlite";
import type { Edge, EventLog, KeptReply, StoredEntry, StoredPayload } from "./event-log.ts";
import type { LogNumbers } from "./sqlite-logs.ts";
import { seqsPerLog } from "./sqlite-schema.ts";

export type Reads = Pick<
  EventLog,
  | "logs"
  | "range"
  | "read"
  | "checkpointFrom"
  | "checkpoints"
  | "payload"
  | "lackingPayloads"
  | "recall"
  | "forks"
> & { readonly head: () => number };

type LogRow = {
  log: string;
  by: string;
  size: number;
  noteSize: number;
  note: string;
  proof: Uint8Array;
};
type ArrivalRow = { position: number; log: number; start: number; end: number };
type CheckpointRow = { size: number; note: string };

export function createReads(database: DatabaseSync, numbers: LogNumbers): Reads {
  const allLogs = database.prepare(
    `SELECT logs.log, by, logs.size, note_size AS noteSize, coalesce(logs.note, checkpoints.note) AS note, proof
     FROM logs LEFT JOIN checkpoints ON checkpoints.log = number AND checkpoints.size = logs.size ORDER BY number`,
  );
  const headers = database.prepare("SELECT header FROM entries WHERE id >= ? AND id < ? ORDER BY id");
  const lastArrival = database.prepare(
    "SELECT position, log, start, end FROM arrivals ORDER BY position DESC LIMIT 1",
  );
  const arrivalAt = database.prepare(
    "SELECT position, log, start, end FROM arrivals WHERE position <= ? ORDER BY position DESC LIMIT 1",
  );
  const arrivalsAfter = database.prepare(
    "SELECT position, log, start, end FROM arrivals WHERE position > ? ORDER BY position LIMIT ?",
  );
  const checkpointFrom = database.prepare(
    "SELECT size, note FROM checkpoints WHERE log = ? AND size >= ? ORDER BY size LIMIT 1",
  );
  const checkpoints = database.prepare(
    "SELECT size, note FROM checkpoints WHERE log = ? AND size > ? ORDER BY size LIMIT ?",
  );
  const payload = database.prepare("SELECT salt, body FROM payloads WHERE id = ?");
  const lacking = database.prepare("SELECT id FROM lacking ORDER BY position LIMIT ?");
  const reply = database.prepare("SELECT key, request, reply, at AS atMs FROM replies WHERE key = ?");
  const forks = database.prepare(
    "SELECT logs.log, forks.size, ours, theirs FROM forks JOIN logs ON number = forks.log ORDER BY number, forks.size",
  );

  const headersOf = (number: number, from: number, to: number): Uint8Array[] => {
    const first = number * seqsPerLog;
    const rows = headers.all(first + Math.max(0, from), first + Math.min(to, seqsPerLog)) as {
      header: Uint8Array;
    }[];
    return rows.map(({ header }) => header);
  };

  return {
    head: () => {
      const last = lastArrival.get() as ArrivalRow | undefined;
      return last === undefined ? 0 : last.position + last.end - last.start - 1;
    },
    logs: async () =>
      (allLogs.all() as LogRow[]).map(({ log, by, size, noteSize, note, proof }) => ({
        log,
        by,
        edge: { size, noteSize, note, proof: hashesIn(proof) } satisfies Edge,
      })),
    range: async (log, from, to) => {
      const number = numbers.of(log);
      return number === undefined ? [] : headersOf(number, from, to);
    },
    read: async (after, limit) => {
      const entries: StoredEntry[] = [];
      const containing = arrivalAt.get(after + 1) as ArrivalRow | undefined;
      const following = arrivalsAfter.all(after + 1, limit) as ArrivalRow[];
      for (const arrival of containing === undefined ? following : [containing, ...following]) {
        if (entries.length >= limit) break;
        const skipped = Math.max(0, after + 1 - arrival.position);
        const from = arrival.start + skipped;
        const to = Math.min(arrival.end, from + limit - entries.length);
        if (from >= to) continue;
        const log = numbers.nameOf(arrival.log);
        for (const [index, header] of headersOf(arrival.log, from, to).entries())
          entries.push({ position: arrival.position + skipped + index, log, seq: from + index, header });
      }
      return entries;
    },
    checkpointFrom: async (log, size) =>
      (checkpointFrom.get(numbers.of(log) ?? -1, size) as CheckpointRow | undefined) ?? null,
    checkpoints: async (log, after, limit) =>
      checkpoints.all(numbers.of(log) ?? -1, after, limit) as CheckpointRow[],
    payload: async ({ log, seq }) => {
      const number = numbers.of(log);
      const row = number === undefined ? undefined : payload.get(number * seqsPerLog + seq);
      return (row as StoredPayload | undefined) ?? null;
    },
    lackingPayloads: async (limit) =>
      (lacking.all(limit) as { id: number }[]).map(({ id }) => ({
        log: numbers.nameOf(Math.floor(id / seqsPerLog)),
        seq: id % seqsPerLog,
      })),
    recall: async (key) => (reply.get(key) as KeptReply | undefined) ?? null,
    forks: async () => forks.all() as { log: string; size: number; ours: string; theirs: string }[],
  };
}

function hashesIn(proof: Uint8Array): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let start = 0; start < proof.length; start += 32) hashes.push(proof.subarray(start, start + 32));
  return hashes;
}
