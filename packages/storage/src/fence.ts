/**
 * The head fence: log, size and root of our own log, in a small file outside the data folder. A data folder that does not agree
 * with it was put back from an older moment, copied, or belongs to another machine: going on in its log could sign a second
 * history.
 *
 * A post is written after the batch is committed and before anybody is told of it, so the fence is never ahead by itself, and
 * never behind what anybody was told. Two slots in two sectors are written in turn: a torn write leaves the other one.
 */
import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  write,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { fromB64u, sha256, toB64u } from "@handfast/protocol/bytes";
import { LogId } from "@handfast/protocol/ids";
import { syncFolder } from "./sync-folder.ts";

const mark = "handfast/fence/v2";
/** A sector of any disk: one is written whole or not at all. */
const slotBytes = 512;

export type FencePost = { readonly log: LogId; readonly size: number; readonly root: Uint8Array };
/** What ties a fence to one data folder on one host: a random tag that lies in both, and what the host and folder are. */
export type FenceBinding = { readonly tag: string; readonly place: string };
export type FenceFile = FencePost & FenceBinding;

export interface Fence extends AsyncDisposable {
  /** Puts the post further. Resolves when it is on disk; posts that wait for the disk together share one sync. */
  set(post: FencePost): Promise<void>;
}

/** What a fence says; null when there is no file, `torn` when neither slot has the form of one. */
export function readFence(path: string): FenceFile | "torn" | null {
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const slots = [0, 1].map((slot) => parseSlot(bytes.subarray(slot * slotBytes, (slot + 1) * slotBytes)));
  const [newest] = slots.filter((slot) => slot !== null).sort((a, b) => b.turn - a.turn);
  return newest === undefined ? "torn" : newest.file;
}

/**
 * Makes the file where it is missing, with its folder.
 *
 * @throws {Error} Where the system refuses: the folder cannot be made or written to.
 */
export function openFence(path: string, { tag, place }: FenceBinding): Fence {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const isNew = !existsSync(path);
  const file = openSync(path, isNew ? "wx+" : "r+", 0o600);
  if (isNew) {
    writeSync(file, Buffer.alloc(2 * slotBytes), 0, 2 * slotBytes, 0);
    fsyncSync(file);
    syncFolder(dirname(path));
  }
  let turn = isNew ? 0 : lastTurn(path) + 1;
  let waiting: { readonly post: FencePost; readonly done: PromiseWithResolvers<void> } | null = null;
  let running: Promise<void> | null = null;

  const put = ({ log, size, root }: FencePost): Promise<void> => {
    const line = [mark, turn, log, size, toB64u(root), tag, place].join(" ");
    const slot = Buffer.from(`${line} ${digestOf(line)}`.padEnd(slotBytes - 1).concat("\n"));
    const at = (turn % 2) * slotBytes;
    turn += 1;
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null): void => (error === null ? resolve() : reject(error));
      write(file, slot, 0, slotBytes, at, (error) =>
        error === null ? fdatasync(file, settle) : settle(error),
      );
    });
  };
  const run = async (): Promise<void> => {
    for (let next = waiting; next !== null; next = waiting) {
      waiting = null;
      await put(next.post).then(next.done.resolve, next.done.reject);
    }
    running = null;
  };

  return {
    set: (post) => {
      const done = waiting?.done ?? Promise.withResolvers<void>();
      waiting = { post, done };
      running ??= run();
      return done.promise;
    },
    [Symbol.asyncDispose]: async () => {
      await running;
      closeSync(file);
    },
  };
}

function lastTurn(path: string): number {
  const bytes = readFileSync(path);
  return Math.max(
    -1,
    ...[0, 1].map((slot) => parseSlot(bytes.subarray(slot * slotBytes, (slot + 1) * slotBytes))?.turn ?? -1),
  );
}

const digestOf = (line: string): string => toB64u(sha256(line));

function parseSlot(bytes: Uint8Array): { readonly turn: number; readonly file: FenceFile } | null {
  const text = Buffer.from(bytes).toString("latin1").trimEnd();
  const cut = text.lastIndexOf(" ");
  const line = text.slice(0, Math.max(0, cut));
  const [label, turn = "", log = "", size = "", root = "", tag = "", place = "", ...more] = line.split(" ");
  const hash = fromB64u(root);
  const isWhole =
    label === mark &&
    more.length === 0 &&
    digestOf(line) === text.slice(cut + 1) &&
    LogId.safeParse(log).success &&
    hash?.length === 32;
  const count = /^(?:0|[1-9][0-9]{0,15})$/;
  if (!isWhole || hash === null || !count.test(size) || !count.test(turn)) return null;
  return { turn: Number(turn), file: { log, size: Number(size), root: hash, tag, place } };
}
