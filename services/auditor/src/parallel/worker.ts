/** A thread that checks what the reading thread hands it: headers, checkpoints, parents. It opens no file. */
import { parentPort, workerData } from "node:worker_threads";
import { type Columns, createHeld } from "../held.ts";
import { createProblems } from "../problem.ts";
import { createEntriesReader, type Naming } from "../read-entries.ts";
import { checkParents } from "../verify.ts";
import { checkNotes } from "./check-notes.ts";
import type { Job, Numbered, Outcome, Setup } from "./jobs.ts";

const { manifest, headers, columns, everySignature } = workerData as Setup;

const shared: Columns = {
  hashes: Buffer.from(columns.hashes),
  atMs: new Float64Array(columns.atMs),
  atCount: new Uint16Array(columns.atCount),
  payloadSizes: new Int32Array(columns.payloadSizes),
  payloadHashes: Buffer.from(columns.payloadHashes),
};
// This thread needs neither names nor parameters.
const nobody = { name: "", headers, founders: [], patience: { graceDays: 0, confirmWindowDays: 0 } };
const held = createHeld(manifest, nobody, shared);

function readEntries({ log, seq, bytes, length }: Extract<Job, { kind: "entries" }>): Outcome {
  const problems = createProblems();
  const namings: Naming[] = [];
  const from = held.parents.count;
  const reader = createEntriesReader(held, log, problems, namings, false, seq);
  reader.read(Buffer.from(bytes, 1, length));
  // Forks are rare, and read in order.
  return {
    isClean: problems.count === 0 && held.proofs.length === 0,
    pairs: held.parents.pairs(from),
    prev: reader.prev,
    namings,
    bytes,
  };
}

function readCheckpoints({ log, opening, notes }: Extract<Job, { kind: "checkpoints" }>): Outcome {
  // Its keys are in its first header.
  const problems = createProblems();
  createEntriesReader(held, log, problems, [], false).read(Buffer.from(opening, 1));
  return problems.count === 0 ? checkNotes(held, log, notes, everySignature) : { isClean: false };
}

function checkAllParents(): Outcome {
  const problems = createProblems();
  checkParents(held, problems);
  return { isClean: problems.count === 0 };
}

function work(job: Job): Outcome {
  switch (job.kind) {
    case "entries":
      return readEntries(job);
    case "checkpoints":
      return readCheckpoints(job);
    case "parents":
      return checkAllParents();
  }
}

parentPort?.on("message", ({ id, message }: Numbered<Job>) => {
  const outcome = work(message);
  const transfer = outcome.bytes === undefined ? [] : [outcome.bytes];
  parentPort?.postMessage({ id, message: outcome } satisfies Numbered<Outcome>, transfer);
});
