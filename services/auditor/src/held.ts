/**
 * What an audit holds of a bundle while it works. Every entry has an index, counted through the logs in the manifest's
 * order; what is needed of all entries lies in flat arrays under that index, so a million entries cost little more
 * than their hashes.
 */
import type { Charter } from "./charter.ts";
import type { LogOpened } from "./log-opened.ts";
import { countEntries, type LogClaim, type Manifest } from "./manifest.ts";

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
  /** Index of the entry it is about, `none` or `elsewhere`; where several stand at that place, settled once pasts are known. */
  subject: number;
  readonly x: Readonly<Record<string, unknown>>;
  /** Whether it may be set aside for some reader (fold.md section 9). */
  isDoubtful?: true;
};

/** A log, or a branch of one: what its author signed beside it. */
export type HeldLog = Pick<LogClaim, "by" | "log" | "size"> & {
  /** Index of its first own entry, and its seq: 0, but of a branch. */
  readonly base: number;
  readonly first: number;
  /** Its number among the branches of its log, from 1; 0 for the log itself. */
  readonly branch: number;
  /** Of a branch: index in `Held.logs` of what it parts from. */
  readonly partsFrom?: number;
  opened?: LogOpened;
  /** The last entries, by index, of the logs that it closes, the one it goes on from first; known once all is read. */
  closes?: readonly number[];
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
  /** Says which entry a pin means, where several stand at its place. */
  settle(pin: number, target: number): void;
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
  readonly charter: Pick<Charter, "name" | "patience" | "headers">;
  /** Logs in the manifest's order, each followed by its branches. */
  readonly logs: readonly HeldLog[];
  /** Index in `logs` by log id, of the log itself. */
  readonly logIndex: ReadonlyMap<string, number>;
  readonly entryCount: number;
  readonly parents: Pins;
  /** Filled for replay only. */
  readonly entries: Entry[];
  /** Every `fork.proven`, be it true or not: its index, and its `x`. */
  readonly proofs: { readonly index: number; readonly x: Readonly<Record<string, unknown>> }[];
  /** Subjects, by the index of the entry that names them, that stand in a log of several histories. */
  readonly unsettled: Map<number, { readonly log: string; readonly seq: number }>;
  readonly titles: Map<number, string>;
};

/** Nothing read yet. The manifest's sizes must already be known to fit into the file. */
export function createHeld(
  manifest: Manifest,
  charter: Omit<Charter, "net">,
  columns: Columns = createColumns(countEntries(manifest.logs)),
): Held {
  const logs: HeldLog[] = [];
  let base = 0;
  for (const { by, log, size, branches = [] } of manifest.logs) {
    const place = logs.length;
    logs.push({ by, log, size, base, first: 0, branch: 0, checkpoints: 0, signatures: 0 });
    base += size;
    for (const [index, { from, of, size: end }] of branches.entries()) {
      const line = { by, log, size: end, base, first: from, branch: index + 1, partsFrom: place + of };
      logs.push({ ...line, checkpoints: 0, signatures: 0 });
      base += end - from;
    }
  }
  return {
    manifest,
    founders: charter.founders,
    charter,
    logs,
    logIndex: new Map(logs.flatMap(({ log, branch }, index) => (branch === 0 ? [[log, index]] : []))),
    entryCount: base,
    ...columns,
    parents: createPins(),
    entries: [],
    proofs: [],
    unsettled: new Map(),
    titles: new Map(),
  };
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
    settle: (pin, target) => {
      places[2 * pin + 1] = target;
    },
    pairs: (from) => places.slice(2 * from, 2 * count),
  };
}

/** The entry of a log or branch at a place, also where it shares that; undefined beyond its end. */
export function entryAt({ logs }: Held, line: number, seq: number): number | undefined {
  const { base, first, size, partsFrom } = logs[line] as HeldLog;
  if (seq >= size) return undefined;
  return seq < first ? entryAt({ logs } as Held, partsFrom as number, seq) : base + seq - first;
}

/** Every entry at a place of a log, one for each history that has another there; none where the log is not here. */
export function entriesAt(held: Held, log: string, seq: number): readonly number[] {
  const place = held.logIndex.get(log);
  if (place === undefined) return [];
  const found: number[] = [];
  for (let line = place; held.logs[line]?.log === log; line++) {
    const { base, first, size } = held.logs[line] as HeldLog;
    if (seq >= first && seq < size) found.push(base + seq - first);
  }
  return found;
}

/** Whether a log was signed in several histories. */
export function isForked(held: Held, log: string): boolean {
  return (held.logs[(held.logIndex.get(log) ?? Number.NaN) + 1]?.branch ?? 0) > 0;
}

/** The leaf hash of an entry, b64u. */
export function hashOf({ hashes }: Pick<Held, "hashes">, index: number): string {
  return hashes.toString("base64url", 32 * index, 32 * index + 32);
}

/** Whether an entry has a hash, given as 32 bytes at `offset`. */
export function hasHash({ hashes }: Held, index: number, other: Buffer, offset: number): boolean {
  return hashes.compare(other, offset, offset + 32, 32 * index, 32 * index + 32) === 0;
}

/** The log and seq of an entry, for people. */
export function placeOf(held: Held, index: number): { log: string; seq: number } {
  const { log, base, first } = held.logs[lineOf(held, index)] as HeldLog;
  return { log, seq: index - base + first };
}

/** The log or branch that an entry stands in, as an index in `Held.logs`. */
export function lineOf(held: Held, index: number): number {
  let low = 0;
  let high = held.logs.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((held.logs[middle] as HeldLog).base <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}
