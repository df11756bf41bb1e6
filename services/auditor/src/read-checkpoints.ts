/** One log's checkpoints: each text, its root over the entries held, the right of its key; some signatures, or all. */
import { isUtf8 } from "node:buffer";
import { entryAt, type Held, type HeldLog } from "./held.ts";
import { createAuthority, isControlSize } from "./keys.ts";
import { type Checkpoint, parseCheckpoint, parseProved } from "./note.ts";
import type { Problems } from "./problem.ts";
import { createTree } from "./tree.ts";

export type CheckpointsReader = { read(note: Buffer): void; finish(): void };

/** Reads the checkpoints of `log`, whose entries are all held. */
export function createCheckpointsReader(
  held: Held,
  log: HeldLog,
  problems: Problems,
  everySignature: boolean,
): CheckpointsReader {
  const origin = `handfast/v1/${held.manifest.net}/${log.by}/${log.log}`;
  const line = held.logs.indexOf(log);
  const opened = openingOf(held, log);
  const authority = opened && createAuthority(origin, opened);
  const tree = createTree();
  let before = log.first;
  let hasControl = false;

  function complain(code: "checkpoint" | "root" | "key" | "signature", detail: string): void {
    problems.add({ code, log: log.log, detail });
  }

  /** Whether a checkpoint is of the entries below its size, or leads on from all of them. */
  function hasRoot({ size, root }: Checkpoint, proof: readonly Buffer[]): boolean {
    while (tree.size < Math.min(size, log.size))
      tree.add(held.hashes, 32 * (entryAt(held, line, tree.size) as number));
    const found = proof.length === 0 ? tree.root() : tree.rootBeyond(size, proof);
    return found?.equals(root) === true;
  }

  return {
    read(note) {
      const { proof, note: text } = isUtf8(note)
        ? parseProved(note.toString("utf8"))
        : { proof: [], note: "" };
      const checkpoint = isUtf8(note) ? parseCheckpoint(text) : "not strict UTF-8";
      if (typeof checkpoint === "string") return complain("checkpoint", checkpoint);
      const { size } = checkpoint;
      if (checkpoint.origin !== origin) return complain("checkpoint", "of another log");
      const isInOrder = proof.length === 0 ? size <= log.size : size > log.size;
      if (log.root !== undefined || size <= before || !isInOrder)
        return complain("checkpoint", `size ${size} is out of order`);
      before = size;
      if (!hasRoot(checkpoint, proof))
        return complain("root", `the entries below ${Math.min(size, log.size)} have another root`);
      if (size >= log.size) log.root = tree.root().toString("base64url");
      if (isControlSize(size)) hasControl = true;
      if (authority === undefined) return;
      if (!authority.isAuthorised(checkpoint))
        return complain("key", `no key authorised at size ${size} signed it`);
      if (!everySignature && size < log.size && !isControlSize(size)) return;
      if (!authority.isSigned(checkpoint))
        complain("signature", `the signature at size ${size} does not verify`);
      log.signatures++;
    },
    finish() {
      if (log.root === undefined) complain("checkpoint", `no valid checkpoint of size ${log.size} or beyond`);
      if (!hasControl && log.first === 0)
        complain("checkpoint", "the checkpoint right after log.opened is missing");
    },
  };
}

/** Entry 0 of a log, which a branch may share. */
export function openingOf(held: Held, { opened, partsFrom }: HeldLog): HeldLog["opened"] {
  if (opened !== undefined || partsFrom === undefined) return opened;
  return openingOf(held, held.logs[partsFrom] as HeldLog);
}
