/** All checkpoints of a log whose entries are all read, by whichever thread has time. */
import type { Held } from "../held.ts";
import { createProblems } from "../problem.ts";
import { createCheckpointsReader } from "../read-checkpoints.ts";
import type { Outcome } from "./jobs.ts";

/** Checks `notes` in their order against the leaf hashes of the log at index `logIndex`. */
export function checkNotes(
  held: Held,
  logIndex: number,
  notes: readonly Uint8Array[],
  everySignature: boolean,
): Outcome {
  const log = held.logs[logIndex];
  if (log === undefined) return { isClean: false };
  const problems = createProblems();
  const checkpoints = createCheckpointsReader(held, log, problems, everySignature);
  for (const note of notes) checkpoints.read(Buffer.from(note.buffer, note.byteOffset, note.length));
  checkpoints.finish();
  return { isClean: problems.count === 0, signatures: log.signatures, root: log.root };
}
