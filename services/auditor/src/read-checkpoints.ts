/** One log's checkpoints: each text, its root over the entries held, the right of its key; some signatures, or all. */
import { isUtf8 } from "node:buffer";
import type { Held, HeldLog } from "./held.ts";
import { createAuthority, isControlSize } from "./keys.ts";
import { parseCheckpoint } from "./note.ts";
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
  const authority = log.opened && createAuthority(origin, log.opened);
  const tree = createTree();
  let hasControl = false;

  function complain(code: "checkpoint" | "root" | "key" | "signature", detail: string): void {
    problems.add({ code, log: log.log, detail });
  }

  return {
    read(note) {
      const checkpoint = isUtf8(note) ? parseCheckpoint(note.toString("utf8")) : "not strict UTF-8";
      if (typeof checkpoint === "string") return complain("checkpoint", checkpoint);
      const { size } = checkpoint;
      if (checkpoint.origin !== origin) return complain("checkpoint", "of another log");
      if (size <= tree.size || size > log.size) return complain("checkpoint", `size ${size} is out of order`);
      while (tree.size < size) tree.add(held.hashes, 32 * (log.base + tree.size));
      if (!tree.root().equals(checkpoint.root))
        return complain("root", `the entries below ${size} have another root`);
      if (size === log.size) log.root = checkpoint.root.toString("base64url");
      if (isControlSize(size)) hasControl = true;
      if (authority === undefined) return;
      if (!authority.isAuthorised(checkpoint))
        return complain("key", `no key authorised at size ${size} signed it`);
      if (!everySignature && size !== log.size && !isControlSize(size)) return;
      if (!authority.isSigned(checkpoint))
        complain("signature", `the signature at size ${size} does not verify`);
      log.signatures++;
    },
    finish() {
      if (log.root === undefined) complain("checkpoint", `no valid checkpoint of size ${log.size}`);
      if (!hasControl) complain("checkpoint", "the checkpoint right after log.opened is missing");
    },
  };
}
