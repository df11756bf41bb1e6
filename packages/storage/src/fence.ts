/**
 * The head fence: log, size and root of our own log in a second file. A database that is behind its fence was restored from a
 * backup, and going on in it would sign a second history.
 *
 * It is written after each append, so it is never ahead by itself, and synced in the background: it guards against copies,
 * not against power cuts, which cannot take back what the database has synced.
 */
import { closeSync, existsSync, fdatasync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { fromB64u, toB64u } from "@handfast/protocol/bytes";
import { LogId } from "@handfast/protocol/ids";

const mark = "handfast/fence/v1";
/** One size always, so that a write replaces all of the one before. */
const fenceBytes = 128;
const syncEveryMs = 100;

export type FencePost = { readonly log: LogId; readonly size: number; readonly root: Uint8Array };

export interface Fence extends AsyncDisposable {
  /** Puts the post further. The new place is in the file when this returns, and on disk soon after. */
  set(post: FencePost): void;
}

/** What a fence says; null when there is no file, `torn` when it does not have the form of one. */
export function readFence(path: string): FencePost | "torn" | null {
  if (!existsSync(path)) return null;
  const [label, log = "", size = "", root = ""] = readFileSync(path, "utf8").trimEnd().split(" ");
  const hash = fromB64u(root);
  if (label !== mark || !LogId.safeParse(log).success || hash?.length !== 32) return "torn";
  return /^(?:0|[1-9][0-9]{0,15})$/.test(size) ? { log, size: Number(size), root: hash } : "torn";
}

/** @param onFault Told when the file cannot be synced: the caller decides what that means. */
export function openFence(path: string, onFault: (error: Error) => void): Fence {
  const file = openSync(path, existsSync(path) ? "r+" : "wx+", 0o600);
  let timer: NodeJS.Timeout | null = null;
  let syncing: Promise<void> = Promise.resolve();

  const sync = (): void => {
    timer = null;
    syncing = new Promise((resolve) => {
      fdatasync(file, (error) => {
        if (error !== null) onFault(error);
        resolve();
      });
    });
  };

  return {
    set: ({ log, size, root }) => {
      const line = `${mark} ${log} ${size} ${toB64u(root)}`.padEnd(fenceBytes - 1);
      writeSync(file, `${line}\n`, 0, "utf8");
      // A sync of its own after each append would cost as much as the append.
      timer ??= setTimeout(sync, syncEveryMs);
    },
    [Symbol.asyncDispose]: async () => {
      if (timer !== null) clearTimeout(timer);
      await syncing;
      fsyncSync(file);
      closeSync(file);
    },
  };
}
