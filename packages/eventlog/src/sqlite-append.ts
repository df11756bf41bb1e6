/** Writing: everything of an append in one transaction, read back before it is sealed. */
import type { DatabaseSync } from "node:sqlite";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import type { Batch, Edge, KeptReply, Seal } from "./event-log.ts";
import { EventLogError, isFull } from "./fault.ts";
import type { LogNumbers } from "./sqlite-logs.ts";
import { seqsPerLog } from "./sqlite-schema.ts";

export type Append = (
  batches: readonly Batch[],
  options: { readonly seal: Seal; readonly replies?: readonly KeptReply[] },
  head: number,
) => readonly number[];

export function createAppend(database: DatabaseSync, numbers: LogNumbers): Append {
  const insertLog = database.prepare(
    "INSERT INTO logs (number, log, by, size, note_size, note, proof) VALUES (?, ?, ?, 0, 0, NULL, x'')",
  );
  const sizeOf = database.prepare("SELECT size FROM logs WHERE number = ?");
  const setEdge = database.prepare(
    "UPDATE logs SET size = ?, note_size = ?, note = ?, proof = ? WHERE number = ?",
  );
  const insertEntry = database.prepare("INSERT INTO entries (id, header) VALUES (?, ?)");
  const readBack = database.prepare("SELECT header FROM entries WHERE id >= ? AND id < ? ORDER BY id");
  const insertArrival = database.prepare(
    "INSERT INTO arrivals (position, log, start, end) VALUES (?, ?, ?, ?)",
  );
  const insertPayload = database.prepare("INSERT INTO payloads (id, salt, body) VALUES (?, ?, ?)");
  const insertLacking = database.prepare("INSERT INTO lacking (position, id) VALUES (?, ?)");
  const insertCheckpoint = database.prepare(
    "INSERT INTO checkpoints (log, size, note) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const insertReply = database.prepare(
    `INSERT INTO replies (key, request, reply, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET request = excluded.request, reply = excluded.reply, at = excluded.at`,
  );

  const numberOf = (log: LogId, by: PartnerId): number => {
    const known = numbers.of(log);
    if (known !== undefined) return known;
    const number = numbers.next;
    insertLog.run(number, log, by);
    numbers.add(log, by, number);
    return number;
  };
  const keepEdge = (number: number, { size, noteSize, note, proof }: Edge): void => {
    const isBoundary = noteSize === size;
    if (isBoundary) insertCheckpoint.run(number, size, note);
    setEdge.run(size, noteSize, isBoundary ? null : note, Buffer.concat(proof), number);
  };
  const writeBatch = (batch: Batch, position: number, seal: Seal): void => {
    const { log, by, from, headers, payloads, lacking } = batch;
    const number = numberOf(log, by);
    const held = (sizeOf.get(number) as { size: number }).size;
    const end = from + headers.length;
    if (held !== from || headers.length === 0)
      throw new RangeError(`${log} is held up to ${held}: entries [${from}, ${end}) do not continue it`);
    const first = number * seqsPerLog + from;
    for (const [index, header] of headers.entries()) insertEntry.run(first + index, header);
    insertArrival.run(position, number, from, end);
    for (const { seq, salt, body } of payloads) insertPayload.run(number * seqsPerLog + seq, salt, body);
    for (const seq of lacking) insertLacking.run(position + seq - from, number * seqsPerLog + seq);
    const stored = readBack.all(first, first + headers.length) as { header: Uint8Array }[];
    const edge = seal(
      batch,
      stored.map(({ header }) => header),
    );
    if (edge.size !== end) throw new RangeError(`the seal of ${log} is for size ${edge.size}, not ${end}`);
    keepEdge(number, edge);
  };

  return (batches, { seal, replies = [] }, head) =>
    inTransaction(database, numbers, () => {
      const positions: number[] = [];
      let position = head + 1;
      for (const batch of batches) {
        writeBatch(batch, position, seal);
        positions.push(position);
        position += batch.headers.length;
      }
      for (const { key, request, reply, atMs } of replies) insertReply.run(key, request, reply, atMs);
      return positions;
    });
}

/**
 * Runs `work` and makes it durable, or takes it back.
 *
 * @throws {EventLogError} `disk-full` where it was taken back for want of room, `outcome-unknown` where SQLite failed otherwise.
 */
export function inTransaction<Answer>(
  database: DatabaseSync,
  numbers: Pick<LogNumbers, "reload">,
  work: () => Answer,
): Answer {
  try {
    database.exec("BEGIN IMMEDIATE");
    const answer = work();
    database.exec("COMMIT");
    return answer;
  } catch (cause) {
    const isBack = rollBack(database);
    if (isBack) numbers.reload();
    if (isBack && isFull(cause)) throw new EventLogError("disk-full", "could not append: no room", cause);
    if (isBack && !isSqlite(cause)) throw cause;
    throw new EventLogError("outcome-unknown", "could not append, and what is on disk is not known", cause);
  }
}

function rollBack(database: DatabaseSync): boolean {
  // SQLite may have rolled back by itself, as it does for a full disk.
  if (!database.isTransaction) return true;
  try {
    database.exec("ROLLBACK");
    return true;
  } catch {
    // The caller's own fault says what happened; that it could not be taken back is the answer.
    return false;
  }
}

const isSqlite = (error: unknown): boolean => typeof (error as { errcode?: unknown })?.errcode === "number";
