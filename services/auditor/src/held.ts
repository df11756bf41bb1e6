/**
 * What an audit holds of a bundle while it works. Every entry has an index, counted through the logs in the manifest's
 * order; what is needed of all entries lies in flat arrays under that index, so a million entries cost little more
 * than their hashes.
 */
import type { Charter } from "./charter.ts";
import type { LogOpened } from "./log-opened.ts";
import type { LogClaim, Manifest } from "./manifest.ts";

/** `subject` of an entry that has none, because it creates one. */
export const none = -1;
/** `subject` of an entry that names something not in the bundle, or sealed. */
export const elsewhere = -2;

/** An entry as the fold reads it. */
export type Entry = {
  readonly index: number;
  /** Of the log in `Held.logs`. */
  readonly log: number;
  readonly seq: number;
  readonly by: string;
  readonly type: string;
  /** Index of the entry it is about, `none` or `elsewhere`. */
  readonly subject: number;
  readonly x: Readonly<Record<string, unknown>>;
};

export type HeldLog = LogClaim & {
  /** Index of its entry 0. */
  readonly base: number;
  opened?: LogOpened;
  checkpoints: number;
  /** How many checkpoints' signatures were checked. */
  signatures: number;
  /** Of the last checkpoint, b64u. */
  root?: string;
};

/** Parents in order of the entries that name them. */
type Pins = {
  readonly count: number;
  child(pin: number): number;
  target(pin: number): number;
  /** Whether 32 bytes at `offset` of `hashes` are what the pin says. */
  isHash(pin: number, hashes: Buffer, offset: number): boolean;
  add(child: number, target: number, hash: Buffer, offset: number): void;
  /** Child and target of every pin from number `from` on, one after another. */
  pairs(from: number): Int32Array;
};

/** What lies in flat arrays under an entry's index, in memory that several threads can share. */
export type Columns = {
  /** Leaf hashes, 32 bytes an entry. */
  readonly hashes: Buffer<SharedArrayBuffer>;
  readonly atMs: Float64Array;
  readonly atCount: Uint16Array;
  /** Of the payload in bytes, -1 where there is none. */
  readonly payloadSizes: Int32Array;
  readonly payloadHashes: Buffer<SharedArrayBuffer>;
};

export type Held = Columns & {
  readonly manifest: Manifest;
  readonly founders: readonly string[];
  /** The network's name and patience, from its charter. */
  readonly charter: Pick<Charter, "name" | "patience">;
  readonly logs: readonly HeldLog[];
  /** Index in `logs` by log id. */
  readonly logIndex: ReadonlyMap<string, number>;
  readonly entryCount: number;
  readonly parents: Pins;
  /** Filled for replay only. */
  readonly entries: Entry[];
  readonly titles: Map<number, string>;
};

/** Nothing read yet. The manifest's sizes must already be known to fit into the file. */
export function createHeld(
  manifest: Manifest,
  charter: Omit<Charter, "net">,
  columns: Columns = createColumns(countEntries(manifest)),
): Held {
  const logs: HeldLog[] = [];
  let base = 0;
  for (const claim of manifest.logs) {
    logs.push({ ...claim, base, checkpoints: 0, signatures: 0 });
    base += claim.size;
  }
  return {
    manifest,
    founders: charter.founders,
    charter,
    logs,
    logIndex: new Map(logs.map(({ log }, index) => [log, index])),
    entryCount: base,
    ...columns,
    parents: createPins(),
    entries: [],
    titles: new Map(),
  };
}

function countEntries({ logs }: Manifest): number {
  return logs.reduce((sum, { size }) => sum + size, 0);
}

/** Room for `count` entries. */
function createColumns(count: number): Columns {
  return {
    hashes: Buffer.from(new SharedArrayBuffer(32 * count)),
    atMs: new Float64Array(new SharedArrayBuffer(8 * count)),
    atCount: new Uint16Array(new SharedArrayBuffer(2 * count)),
    payloadSizes: new Int32Array(new SharedArrayBuffer(4 * count)).fill(-1),
    payloadHashes: Buffer.from(new SharedArrayBuffer(32 * count)),
  };
}

/** Parents by child and target, as `pairs` gives them; their hashes were compared elsewhere. */
export function createPins(pairs: readonly Int32Array[] = []): Pins {
  let count = pairs.reduce((sum, { length }) => sum + length / 2, 0);
  let places = new Int32Array(Math.max(2 * count, 2 * 1024));
  let hashes = Buffer.alloc(32 * 1024);
  let end = 0;
  for (const part of pairs) {
    places.set(part, end);
    end += part.length;
  }
  function grow() {
    const wider = new Int32Array(2 * places.length);
    wider.set(places);
    places = wider;
    hashes = Buffer.concat([hashes, Buffer.alloc(hashes.length)]);
  }
  return {
    get count() {
      return count;
    },
    child: (pin) => places[2 * pin] as number,
    target: (pin) => places[2 * pin + 1] as number,
    isHash: (pin, other, offset) => hashes.compare(other, offset, offset + 32, 32 * pin, 32 * pin + 32) === 0,
    add(child, target, hash, offset) {
      if (2 * count === places.length) grow();
      places[2 * count] = child;
      places[2 * count + 1] = target;
      hash.copy(hashes, 32 * count, offset, offset + 32);
      count++;
    },
    pairs: (from) => places.slice(2 * from, 2 * count),
  };
}

/** The log and seq of an entry, for people. */
export function placeOf(held: Held, index: number): { log: string; seq: number } {
  let low = 0;
  let high = held.logs.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((held.logs[middle] as HeldLog).base <= index) low = middle;
    else high = middle - 1;
  }
  const { log, base } = held.logs[low] as HeldLog;
  return { log, seq: index - base };
}
