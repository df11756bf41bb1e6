/**
 * The fence of our own log, kept in this host's state and not in the data folder: what it says of the folder at a start, and how a
 * new one is tied to it.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { toB64u } from "@handfast/protocol/bytes";
import type { LogId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { HeldLog } from "@handfast/replica/replica";
import { shellWord } from "@handfast/service-kit/shell";
import { type Fence, type FenceBinding, type FenceFile, openFence, readFence } from "@handfast/storage/fence";
import { placeOf } from "@handfast/storage/host";
import { lockFile } from "@handfast/storage/lock";
import { sameHash } from "@handfast/tlog/tree";
import type { Doubt } from "./doubt.ts";
import { LedgerError } from "./fault.ts";
import { filesIn, writeSecret } from "./files.ts";

/** Where fences are kept; a simulation has its own. */
export type Fences = {
  read(log: LogId): FenceFile | "torn" | null;
  open(log: LogId, binding: FenceBinding): Fence;
  /** What the folder is on this host. */
  place(dir: string): string;
  /** Keeps other processes of this host out of a log, copies of the folder included. */
  lock(log: LogId): Disposable;
};

/**
 * @param stateDir A folder of this host, outside the data folder; made where it is missing.
 * @throws {LedgerError} `state-folder` where it lies inside the data folder or cannot be written to.
 */
export function createFences(stateDir: string, dir: string): Fences {
  const inside = relative(resolve(dir), resolve(stateDir));
  if (!inside.startsWith(".."))
    throw new LedgerError("state-folder", `${stateDir} lies inside the data folder ${dir}`, {
      hint: "the state folder shows whether the data folder is the newest, so it must not be copied with it: name another one with --state-dir, HANDFAST_STATE_DIR or stateDir",
    });
  const path = (log: LogId): string => join(stateDir, `fence-${log}`);
  const guarded = <Answer>(work: () => Answer): Answer => {
    try {
      return work();
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw cause;
      throw new LedgerError("state-folder", `the state folder ${stateDir} cannot be used (${code})`, {
        cause,
        hint: `this host keeps there how far the log was signed: make ${shellWord(stateDir)} writable, or name another folder of this host with --state-dir, HANDFAST_STATE_DIR or stateDir`,
      });
    }
  };
  return {
    read: (log) => guarded(() => readFence(path(log))),
    open: (log, binding) => guarded(() => openFence(path(log), binding)),
    place: placeOf,
    lock: (log) => guarded(() => lockFile(join(stateDir, `lock-${log}.db`))),
  };
}

/** After a kill the log may be ahead of its fence by what was committed and not told: the batch, and one that shared its sync. */
const mostAhead = 2 * limits.batchEntries;

/** Why this folder may not be the newest of its log, by the fence; null where the two agree. */
export function doubtOfFolder(
  fence: FenceFile | "torn" | null,
  own: HeldLog,
  binding: { readonly tag: string | null; readonly place: string },
): Doubt | null {
  if (fence === null || fence === "torn") return { code: "no-fence" };
  if (fence.tag !== binding.tag || fence.place !== binding.place) {
    // Whatever the folder is: this host saw more of the log than it holds.
    return fence.size > own.held ? { code: "behind-fence", size: fence.size } : { code: "other-place" };
  }
  if (fence.size > own.held) return { code: "behind-fence", size: fence.size };
  const isLevel = own.held - fence.size <= mostAhead && agrees(fence, own);
  return isLevel ? null : { code: "other-place" };
}

/** Whether the log is the one that a fence saw, as far as it saw it. */
export const agrees = ({ log, size, root }: FenceFile, own: HeldLog): boolean =>
  log === own.log && size <= own.held && (size === 0 || sameHash(root, own.tree.root(size)));

/** The tag that lies in the data folder; null where none was made yet. */
export function readTag(dir: string): string | null {
  const { fenceTag } = filesIn(dir);
  return existsSync(fenceTag) ? readFileSync(fenceTag, "utf8").trim() : null;
}

/** Ties a folder to this host anew: whatever other fence there is for its log agrees with it no longer. */
export function bind(dir: string, fences: Fences): FenceBinding {
  const tag = toB64u(randomBytes(16));
  const { fenceTag, oldFence } = filesIn(dir);
  writeSecret(fenceTag, tag);
  rmSync(oldFence, { force: true });
  return { tag, place: fences.place(dir) };
}
