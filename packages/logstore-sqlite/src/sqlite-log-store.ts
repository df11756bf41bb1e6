/** Logs on `node:sqlite`. */
import type { Appended, LogStore } from "@handfast/logstore/log-store";
import type { LogId } from "@handfast/protocol/ids";
import { bulkInsert } from "@handfast/storage/bulk-insert";
import { StorageError } from "@handfast/storage/fault";
import { type Database, openDatabase } from "@handfast/storage/sqlite";
import { logStoreSchema, maxLogs, seqsPerLog } from "./schema.ts";

const largestHeader = 4_096;

/** Opens a file of its own: every append is durable by itself. */
export function openSqliteLogStore(path: string, options: { readonly maxPages?: number } = {}): LogStore {
  const database = openDatabase(
    path,
    { applicationId: 0x48_66_4c_73, version: 1, schema: logStoreSchema },
    options,
  );
  return createSqliteLogStore(database, "append");
}

/**
 * The store in a database that has its tables (`logStoreSchema`). With `commit` its appends belong to the transaction that
 * is open; the database is somebody else's to close.
 */
export function createSqliteLogStore(database: Database, durableWith: LogStore["durableWith"]): LogStore {
  const { writing } = database;
  const insertStream = writing.prepare("INSERT INTO streams (number, log) VALUES (?, ?)");
  const insert = bulkInsert(writing, "INSERT INTO entries (id, header)", 2);
  // Also what is not committed yet is read: on the connection that wrote it.
  const select = writing.prepare("SELECT header FROM entries WHERE id >= ? AND id < ? ORDER BY id");
  select.setReturnArrays(true);
  const last = writing.prepare("SELECT id FROM entries WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1");
  const numberOf = writing.prepare("SELECT number FROM streams WHERE log = ?");
  const streamCount = writing.prepare("SELECT count(*) AS count FROM streams");
  const allStreams = writing.prepare("SELECT number, log FROM streams ORDER BY number");

  /** Numbers of committed streams only: a transaction that is rolled back takes its own along. */
  const numbers = new Map<LogId, number>();
  const findNumber = (log: LogId): number | undefined => {
    const known = numbers.get(log);
    if (known !== undefined) return known;
    const found = (numberOf.get(log) as { number: number } | undefined)?.number;
    if (found !== undefined && !writing.isTransaction) numbers.set(log, found);
    return found;
  };
  const sizeOf = (number: number | undefined): number => {
    if (number === undefined) return 0;
    const first = number * seqsPerLog;
    const row = last.get(first, first + seqsPerLog) as { id: number } | undefined;
    return row === undefined ? 0 : row.id - first + 1;
  };
  const addStream = (log: LogId): number => {
    const { count } = streamCount.get() as { count: number };
    if (count >= maxLogs) throw new StorageError("unusable", `no more than ${maxLogs} logs fit`);
    insertStream.run(count, log);
    return count;
  };
  const append = (log: LogId, expected: number, headers: readonly Uint8Array[]): Appended => {
    if (headers.length === 0) throw new RangeError("an append of no entries");
    for (const { length } of headers)
      if (length < 2 || length > largestHeader) throw new RangeError(`a header of ${length} bytes`);
    return database.write((): Appended => {
      const known = findNumber(log);
      const size = sizeOf(known);
      if (size !== expected) return { ok: false, size };
      const first = (known ?? addStream(log)) * seqsPerLog + expected;
      insert(headers.map((header, index) => [first + index, header]));
      return { ok: true };
    });
  };

  return {
    durableWith,
    append: async (log, expected, headers) => append(log, expected, headers),
    read: async (log, from, to) =>
      database.read(() => {
        const number = findNumber(log);
        if (number === undefined || to <= from) return [];
        const first = number * seqsPerLog;
        const rows = select.all(first + Math.max(0, from), first + Math.min(to, seqsPerLog));
        return (rows as unknown as [Uint8Array][]).map(([header]) => header);
      }),
    size: async (log) => database.read(() => sizeOf(findNumber(log))),
    logs: async () =>
      database.read(() =>
        (allStreams.all() as { number: number; log: string }[]).map(({ number, log }) => ({
          log,
          size: sizeOf(number),
        })),
      ),
    [Symbol.asyncDispose]: async () => {
      if (durableWith === "append") database[Symbol.dispose]();
    },
  };
}
