/** The engine on `node:sqlite`: one file (and SQLite's own two beside it), one writing connection, one that only reads. */
import type { EventLog } from "./event-log.ts";
import { EventLogError } from "./fault.ts";
import { createAppend, inTransaction } from "./sqlite-append.ts";
import { openConnections } from "./sqlite-connection.ts";
import { readLogNumbers } from "./sqlite-logs.ts";
import { createReads } from "./sqlite-read.ts";
import { seqsPerLog } from "./sqlite-schema.ts";

const probeBytes = 64 * 1_024;

export type SqliteOptions = {
  /** Upper bound of the database in pages of 4 KiB. Default: none but the disk. */
  readonly maxPages?: number;
};

/**
 * Opens a log, or makes it where there is none. The caller holds the folder's lock.
 *
 * @param path A file in a folder that exists; `:memory:` for a log that lasts as long as it is open.
 * @throws {EventLogError} `unusable`.
 */
export function openSqliteEventLog(path: string, options: SqliteOptions = {}): EventLog {
  const { writing, reading, close } = openConnections(path);
  if (options.maxPages !== undefined) writing.exec(`PRAGMA max_page_count = ${options.maxPages}`);
  const numbers = readLogNumbers(writing);
  const reads = createReads(reading, numbers);
  const append = createAppend(writing, numbers);
  let head = reads.head();
  let isUnknown = false;

  const keepPayload = writing.prepare(
    "INSERT INTO payloads (id, salt, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const isLackingNoMore = writing.prepare("DELETE FROM lacking WHERE id = ?");
  const forget = writing.prepare("DELETE FROM replies WHERE at < ?");
  const keepFork = writing.prepare(
    "INSERT INTO forks (log, size, ours, theirs) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const fill = writing.prepare("INSERT INTO room (filler) VALUES (zeroblob(?))");
  const numberOf = (log: string): number => {
    const number = numbers.of(log);
    if (number === undefined) throw new RangeError(`no log ${log} is held`);
    return number;
  };
  const write = <Answer>(work: () => Answer): Answer => {
    if (isUnknown) throw new EventLogError("outcome-unknown", "an earlier write left the disk in doubt");
    try {
      return inTransaction(writing, numbers, work);
    } catch (error) {
      isUnknown = error instanceof EventLogError && error.code === "outcome-unknown";
      throw error;
    }
  };

  return {
    get head() {
      return head;
    },
    append: async (batches, appendOptions) => {
      if (isUnknown) throw new EventLogError("outcome-unknown", "an earlier append left the disk in doubt");
      try {
        const positions = append(batches, appendOptions, head);
        head += batches.reduce((sum, { headers }) => sum + headers.length, 0);
        return positions;
      } catch (error) {
        isUnknown = error instanceof EventLogError && error.code === "outcome-unknown";
        throw error;
      }
    },
    hasRoom: async () => {
      try {
        write(() => fill.run(probeBytes));
        write(() => writing.exec("DELETE FROM room"));
        return true;
      } catch (error) {
        if (error instanceof EventLogError && error.code === "disk-full") return false;
        throw error;
      }
    },
    keepPayloads: async (payloads) =>
      write(() => {
        for (const { log, seq, salt, body } of payloads) {
          const id = numberOf(log) * seqsPerLog + seq;
          keepPayload.run(id, salt, body);
          isLackingNoMore.run(id);
        }
      }),
    forgetRepliesBefore: async (ms) => {
      write(() => forget.run(ms));
    },
    keepFork: async ({ log, size, ours, theirs }) => {
      write(() => keepFork.run(numberOf(log), size, ours, theirs));
    },
    logs: reads.logs,
    range: reads.range,
    read: reads.read,
    checkpointFrom: reads.checkpointFrom,
    checkpoints: reads.checkpoints,
    payload: reads.payload,
    lackingPayloads: reads.lackingPayloads,
    recall: reads.recall,
    forks: reads.forks,
    [Symbol.asyncDispose]: async () => close(),
  };
}
