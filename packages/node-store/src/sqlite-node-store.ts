/** The node store on `node:sqlite`. */
import { StorageError } from "@handfast/storage/fault";
import { type Database, openDatabase } from "@handfast/storage/sqlite";
import { createComplete } from "./complete.ts";
import { intentText, parseIntent } from "./intent-text.ts";
import { createKeptReplies } from "./kept-replies.ts";
import { readLogNumbers } from "./log-numbers.ts";
import type { Intent, NodeStore } from "./node-store.ts";
import { createReads } from "./read.ts";
import { nodeStoreSchema, seqsPerLog } from "./schema.ts";

const probeBytes = 64 * 1_024;

/** Opens a file of its own, beside a log store that is durable by itself. The caller holds the folder's lock. */
export function openSqliteNodeStore(path: string, options: { readonly maxPages?: number } = {}): NodeStore {
  const database = openDatabase(
    path,
    { applicationId: 0x48_66_4e_73, version: 1, schema: nodeStoreSchema },
    options,
  );
  return createSqliteNodeStore(database, { isSharedWithLogs: false });
}

/**
 * The store in a database that has its tables (`nodeStoreSchema`).
 *
 * @param isSharedWithLogs Whether the log store writes into the same database, in the transaction that `begin` opens.
 */
export function createSqliteNodeStore(
  database: Database,
  { isSharedWithLogs }: { readonly isSharedWithLogs: boolean },
): NodeStore {
  const { writing } = database;
  const numbers = readLogNumbers(writing);
  const reads = createReads(database, numbers);
  const replies = createKeptReplies(database);
  const { writeAll } = createComplete(writing, numbers, replies.write);
  const setIntent = writing.prepare("INSERT INTO intents (number, intent) VALUES (0, ?)");
  const dropIntent = writing.prepare("DELETE FROM intents");
  const keepPayload = writing.prepare(
    `INSERT INTO payloads (id, salt, body) VALUES (?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET salt = excluded.salt, body = excluded.body
      WHERE EXISTS (SELECT 1 FROM lacking WHERE lacking.id = excluded.id)`,
  );
  const isLackingNoMore = writing.prepare("DELETE FROM lacking WHERE id = ?");
  const isLacking = writing.prepare(
    `INSERT INTO lacking (position, id) SELECT position + ?1 - start, ?2 FROM arrivals
      WHERE log = ?3 AND start <= ?1 AND end > ?1 ON CONFLICT DO NOTHING`,
  );
  const fill = writing.prepare("INSERT INTO room (filler) VALUES (zeroblob(?))");

  let head = reads.head();
  const found = reads.intent();
  let begun: Intent | null = null;
  let unfinished = found === null ? null : parseIntent(found);

  /** Runs a write of its own; not while another is begun. */
  const write = <Answer>(work: () => Answer): Answer => {
    if (begun !== null) throw new Error("a write is begun and not completed");
    return database.write(work);
  };
  const finish = <Answer>(work: () => Answer): Answer => {
    try {
      return work();
    } catch (error) {
      numbers.reload();
      replies.reload();
      throw error;
    }
  };

  return {
    get head() {
      return head;
    },
    get unfinished() {
      return unfinished;
    },
    begin: (intent) => {
      if (begun !== null) throw new Error("a write is begun already");
      if (isSharedWithLogs) database.begin();
      // A write that was not finished stays what it is until it is completed: it is begun again as the very same.
      else if (unfinished === null) database.write(() => setIntent.run(intentText(intent)));
      begun = intent;
    },
    complete: (completion) => {
      const intent = begun;
      if (intent === null) throw new Error("no write is begun");
      const positions = finish(() => {
        if (!isSharedWithLogs)
          return database.write(() => {
            dropIntent.run();
            return writeAll(intent, completion, head);
          });
        const written = database.write(() => writeAll(intent, completion, head));
        database.settle();
        return written;
      });
      head += intent.runs.reduce((sum, { from, to }) => sum + to - from, 0);
      begun = null;
      unfinished = null;
      return positions;
    },
    abandon: () => {
      begun = null;
      if (isSharedWithLogs) database.rollBack();
      else database.write(() => dropIntent.run());
      unfinished = null;
      numbers.reload();
      replies.reload();
    },
    hasRoom: () => {
      try {
        write(() => fill.run(probeBytes));
        write(() => writing.exec("DELETE FROM room"));
        return true;
      } catch (error) {
        if (error instanceof StorageError && error.code === "disk-full") return false;
        throw error;
      }
    },
    keepPayloads: (payloads) =>
      write(() => {
        for (const { log, seq, salt, body } of payloads) {
          const id = numbers.numberOf(log) * seqsPerLog + seq;
          keepPayload.run(id, salt, body);
          isLackingNoMore.run(id);
        }
      }),
    wantPayload: ({ log, seq }) => {
      const number = numbers.numberOf(log);
      write(() => isLacking.run(seq, number * seqsPerLog + seq, number));
    },
    forgetRepliesBefore: (ms) => {
      write(() => replies.forgetBefore(ms));
    },
    together: (work) => database.readTogether(work),
    logs: reads.logs,
    arrivals: reads.arrivals,
    checkpointFrom: reads.checkpointFrom,
    checkpoints: reads.checkpoints,
    segmentRoots: reads.segmentRoots,
    segment: reads.segment,
    learned: reads.learned,
    heads: reads.heads,
    headsOfMany: reads.headsOfMany,
    networkEntries: reads.networkEntries,
    payload: reads.payload,
    lackingPayloads: reads.lackingPayloads,
    recall: (key) => database.read(() => replies.recall(key)),
    proofs: reads.proofs,
    replies: (after, limit) => database.read(() => replies.after(after, limit)),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}
