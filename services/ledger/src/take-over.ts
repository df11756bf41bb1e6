/**
 * Takes over the database of release 0.1.0, once: the entries, payloads, checkpoints and replies stay where they are, and what
 * the ledger now keeps beside them is computed from the entries, after every log was verified against its own checkpoint.
 * All of it is one transaction: interrupted, the file is as it was, and the next start begins again.
 */
import type { DatabaseSync } from "node:sqlite";
import { streamsSchema } from "@handfast/logstore-sqlite/schema";
import { createComplete } from "@handfast/node-store/complete";
import { readLogNumbers } from "@handfast/node-store/log-numbers";
import type { Completion } from "@handfast/node-store/node-store";
import {
  branchTables,
  droppedTables,
  indexTables,
  replacedTables,
  seqsPerLog,
} from "@handfast/node-store/schema";
import type { Charter } from "@handfast/protocol/charter";
import { levelOf } from "@handfast/protocol/events";
import type { NetworkId } from "@handfast/protocol/ids";
import { createHeads } from "@handfast/replica/heads";
import type { Replica } from "@handfast/replica/replica";
import { segmentRoot } from "@handfast/replica/segment";
import { parseCheckpoint } from "@handfast/tlog/checkpoint";
import { rootBeyond } from "@handfast/tlog/proofs";
import { sameHash } from "@handfast/tlog/tree";
import { damaged } from "./fault.ts";
import { createHeld, readEntry } from "./held.ts";

/** Told now and then how many of all entries were read. */
export type TakeOver = (done: number, all: number) => void;

/** Of whose entries the folder is. */
export type TakenOver = { readonly net: NetworkId; readonly charter: Pick<Charter, "founders" | "headers"> };

/** Entries whose index is written together: memory does not grow with the history. */
const entriesAtOnce = 10_000;

export const takeOver =
  (network: TakenOver, report: TakeOver) =>
  (database: DatabaseSync): void => {
    database.exec(droppedTables);
    database.exec(branchTables);
    database.exec(streamsSchema);
    database.exec("INSERT INTO streams (number, log) SELECT number, log FROM logs");
    database.exec(replacedTables);
    database.exec(indexTables);
    const rows = database.prepare(
      `SELECT position, log, start, end, (SELECT sum(size) FROM logs) AS entries FROM arrivals ORDER BY position`,
    );
    const headers = database.prepare("SELECT header FROM entries WHERE id >= ? AND id < ? ORDER BY id");
    const numbers = readLogNumbers(database);
    const keptHeads = database.prepare("SELECT heads FROM heads WHERE subject = ?");
    const readHeads = (subject: string): string | null =>
      (keptHeads.get(subject) as { heads: string } | undefined)?.heads ?? null;
    const heads = createHeads({ one: readHeads, many: () => new Map() });
    // Any log that is stored was allowed when it came in.
    const { replica, fold } = createHeld(network, { heads });
    const { writeIndex } = createComplete(database, numbers, () => {});
    let places: Completion["network"][number][] = [];
    let learned: Completion["learned"][number][] = [];
    let done = 0;
    const flush = (entries: number): void => {
      writeIndex({ learned, segments: [], heads: heads.changed, network: places, proofs: [] });
      heads.keep();
      places = [];
      learned = [];
      report(done, entries);
    };
    for (const row of rows.iterate()) {
      const { log: number, start, end, entries } = row as Record<"log" | "start" | "end" | "entries", number>;
      const log = numbers.nameOf(number);
      const stored = headers.all(number * seqsPerLog + start, number * seqsPerLog + end);
      if (stored.length !== end - start)
        throw damaged(`entries of log ${log} between ${start} and ${end} are missing`);
      for (const [index, { header: bytes }] of (stored as { header: Uint8Array }[]).entries()) {
        const entry = readEntry(bytes, log, start + index);
        const { header } = entry;
        replica.hold(entry);
        fold(entry, log);
        const known = replica.pasts.learned(log, header.seq);
        if (known.size > 0) learned.push({ log, seq: header.seq, known });
        if (levelOf(header.type) === "network") places.push({ log, seq: header.seq });
        done += 1;
        if (done % entriesAtOnce === 0) flush(entries);
      }
    }
    flush(done);
    verifyRoots(database, replica);
    const segments = [...replica.logs.keys()].flatMap((log) =>
      replica.fullSegments(log).map(({ index, segment }) => ({
        log,
        index,
        root: segmentRoot(segment.hashes),
        segment,
      })),
    );
    writeIndex({ learned: [], segments, heads: [], network: [], proofs: [] });
  };

function verifyRoots(database: DatabaseSync, replica: Replica): void {
  const logs = database.prepare(
    `SELECT logs.log, logs.size, note_size AS noteSize, coalesce(logs.note, checkpoints.note) AS note, proof
     FROM logs LEFT JOIN checkpoints ON checkpoints.log = number AND checkpoints.size = logs.size`,
  );
  for (const row of logs.all()) {
    const { log, size, noteSize, note, proof } = row as unknown as {
      log: string;
      size: number;
      noteSize: number;
      note: string | null;
      proof: Uint8Array;
    };
    const hashes = Array.from({ length: proof.length / 32 }, (_, at) =>
      proof.subarray(at * 32, at * 32 + 32),
    );
    const known = replica.logs.get(log);
    const parsed = note === null ? null : parseCheckpoint(note);
    const beyond = known?.held === size ? rootBeyond(known.tree.range(size), hashes, noteSize) : null;
    const isWhole = beyond?.ok && parsed?.ok && sameHash(beyond.root, parsed.checkpoint.root);
    if (!isWhole) throw damaged(`what is stored of log ${log} is not what its checkpoint says`);
  }
}
