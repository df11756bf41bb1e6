/** The rows of one completed write, in the transaction that is open. */
import type { DatabaseSync } from "node:sqlite";
import type { Edge } from "@handfast/replica/edge";
import { bulkInsert } from "@handfast/storage/bulk-insert";
import type { LogNumbers } from "./log-numbers.ts";
import type { Completion, Intent, KeptReply } from "./node-store.ts";
import { seqsPerLog } from "./schema.ts";
import { encodeKnown, encodeSegment } from "./segment-rows.ts";

/** Segments a log: so many lie below the number of the next log. */
export const segmentsPerLog = 2 ** 28;

export function createComplete(
  database: DatabaseSync,
  numbers: LogNumbers,
  writeReplies: (replies: readonly KeptReply[]) => void,
) {
  const sizeOf = database.prepare("SELECT size FROM logs WHERE number = ?");
  const setEdge = database.prepare(
    "UPDATE logs SET size = ?, note_size = ?, note = ?, proof = ? WHERE number = ?",
  );
  const insertArrival = database.prepare(
    "INSERT INTO arrivals (position, log, start, end) VALUES (?, ?, ?, ?)",
  );
  const insertPayloads = bulkInsert(database, "INSERT INTO payloads (id, salt, body)", 3);
  const insertLacking = bulkInsert(database, "INSERT INTO lacking (position, id)", 2);
  const insertCheckpoint = database.prepare(
    "INSERT INTO checkpoints (log, size, note) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const insertLearned = bulkInsert(database, "INSERT INTO learned (id, known)", 2);
  const insertSegment = database.prepare("INSERT INTO segments (id, root, digest, body) VALUES (?, ?, ?, ?)");
  const setHeads = bulkInsert(
    database,
    "INSERT INTO heads (subject, heads)",
    2,
    "ON CONFLICT (subject) DO UPDATE SET heads = excluded.heads",
  );
  const insertNetworkEntry = database.prepare("INSERT INTO network_entries (id) VALUES (?)");

  const insertBranch = database.prepare("INSERT INTO branches (line, log, base, size) VALUES (?, ?, ?, ?)");
  const insertProof = database.prepare("INSERT INTO proofs (id, log, start) VALUES (?, ?, ?)");

  const addLine = ({ log, by, branch }: Intent["runs"][number]): number => {
    const number = numbers.add(log, by, branch?.size ?? 0);
    if (branch !== undefined)
      insertBranch.run(number, numbers.numberOf(branch.of), numbers.numberOf(branch.base), branch.size);
    return number;
  };
  const writeEdge = (number: number, { size, noteSize, note, proof }: Edge): void => {
    const isBoundary = noteSize === size;
    if (isBoundary) insertCheckpoint.run(number, size, note);
    setEdge.run(size, noteSize, isBoundary ? null : note, Buffer.concat(proof), number);
  };
  const writeRun = (run: Intent["runs"][number], edge: Edge | undefined, position: number): void => {
    const { log, from, to, payloads, lacking } = run;
    const number = numbers.of(log) ?? addLine(run);
    const held = (sizeOf.get(number) as { size: number }).size;
    if (held !== from || to <= from)
      throw new RangeError(`${log} is held up to ${held}: entries [${from}, ${to}) do not continue it`);
    if (edge?.size !== to) throw new RangeError(`${log} is proved up to ${edge?.size}, not ${to}`);
    const first = number * seqsPerLog;
    insertArrival.run(position, number, from, to);
    insertPayloads(payloads.map(({ seq, salt, body }) => [first + seq, salt, body]));
    insertLacking(lacking.map((seq) => [position + seq - from, first + seq]));
    writeEdge(number, edge);
  };
  /** What the ledger knows of old entries. */
  const writeIndex = ({ learned, segments, heads, network, proofs }: Omit<Completion, "edges">): void => {
    insertLearned(
      learned.map(({ log, seq, known }) => [
        numbers.numberOf(log) * seqsPerLog + seq,
        encodeKnown(known, numbers),
      ]),
    );
    for (const { log, index, root, segment } of segments) {
      const { body, digest } = encodeSegment(segment, numbers);
      insertSegment.run(numbers.numberOf(log) * segmentsPerLog + index, root, digest, body);
    }
    setHeads([...heads]);
    for (const { log, seq } of network) insertNetworkEntry.run(numbers.numberOf(log) * seqsPerLog + seq);
    for (const { log, seq, proves } of proofs)
      insertProof.run(numbers.numberOf(log) * seqsPerLog + seq, numbers.numberOf(proves.log), proves.from);
  };

  return {
    writeIndex,
    /** @returns The position of each run's first entry. */
    writeAll: ({ runs, replies }: Intent, { edges, ...index }: Completion, head: number): number[] => {
      let next = head + 1;
      const positions = runs.map((run, place) => {
        const position = next;
        next += run.to - run.from;
        writeRun(run, edges[place], position);
        return position;
      });
      writeIndex(index);
      writeReplies(replies);
      return positions;
    },
  };
}
