/**
 * A log's tree: in memory the hashes from level 8 up (0.8 % of the leaves) and the leaves of the last segment. Older leaves
 * are read a segment at a time, so any old root and any proof costs at most a few hundred hashes, whatever the size.
 */
import type { CompactRange } from "@handfast/tlog/compact-range";
import { rootOf } from "@handfast/tlog/compact-range";
import { type HashReader, rootAt } from "@handfast/tlog/hash-reader";
import { nodeHash } from "@handfast/tlog/tree";
import { type Column, createHashColumn } from "./columns.ts";
import { segmentEntries, segmentLevel } from "./segment.ts";

const firstKeptLevel = segmentLevel;

/** Full segments that are kept elsewhere: the root of each, and how its leaves are read. */
export type ColdLeaves = {
  readonly roots: readonly Uint8Array[];
  readonly read: (segment: number) => Uint8Array;
};

export type Tree = {
  readonly size: number;
  push(leafHash: Uint8Array): void;
  /** Forgets the leaves from `size` on: verified entries that were not taken after all. */
  truncate(size: number): void;
  leaf(seq: number): Uint8Array;
  /** The root over the first `size` leaves. */
  root(size: number): Uint8Array;
  /** The compact range of the first `size` leaves, the caller's own to append to. */
  range(size: number): CompactRange;
  readonly read: HashReader;
  /** The leaves of a full segment, 32 bytes each. */
  leaves(segment: number): Uint8Array;
  /** Forgets the leaves of all segments before this one; they are kept elsewhere now. */
  release(segment: number): void;
};

export function createTree(cold?: ColdLeaves): Tree {
  const leaves = createHashColumn(
    cold === undefined ? undefined : { segments: cold.roots.length, read: cold.read },
  );
  const kept: Column<Uint8Array>[] = [];
  let peaks: Uint8Array[] = [];

  const read: HashReader = (level, index) => {
    if (level === 0) return leaves.at(index);
    if (level >= firstKeptLevel) return (kept[level - firstKeptLevel] as Column<Uint8Array>).at(index);
    return nodeHash(read(level - 1, index * 2), read(level - 1, index * 2 + 1));
  };
  const peaksAt = (size: number): Uint8Array[] => {
    const found: Uint8Array[] = [];
    let start = 0;
    for (let level = Math.floor(Math.log2(Math.max(size, 1))) + 1; level >= 0; level -= 1) {
      const width = 2 ** level;
      if (Math.floor(size / width) % 2 === 0) continue;
      found.push(read(level, start / width));
      start += width;
    }
    return found;
  };

  /** Puts a complete subtree of this level at the right edge, `before` leaves standing before it. */
  const putOn = (hash: Uint8Array, fromLevel: number, before: number): void => {
    let top = hash;
    let level = fromLevel;
    const keep = (): void => {
      if (level < firstKeptLevel) return;
      const column = kept[level - firstKeptLevel] ?? createHashColumn();
      kept[level - firstKeptLevel] = column;
      column.push(top);
    };
    keep();
    // Every trailing one of the size is a complete subtree as large as the one that just became complete.
    for (let rest = before / 2 ** fromLevel; rest % 2 === 1; rest = (rest - 1) / 2) {
      top = nodeHash(peaks.pop() as Uint8Array, top);
      level += 1;
      keep();
    }
    peaks.push(top);
  };
  for (const [index, root] of (cold?.roots ?? []).entries())
    putOn(root, segmentLevel, index * segmentEntries);

  return {
    get size() {
      return leaves.length;
    },
    push: (leafHash) => {
      putOn(leafHash, 0, leaves.length);
      leaves.push(leafHash);
    },
    truncate: (size) => {
      if (size >= leaves.length) return;
      leaves.truncate(size);
      for (const [index, column] of kept.entries())
        column.truncate(Math.floor(size / 2 ** (index + firstKeptLevel)));
      peaks = peaksAt(size);
    },
    leaf: (seq) => leaves.at(seq),
    root: (size) => (size === leaves.length ? rootOf({ size, peaks }) : rootAt(read, size)),
    range: (size) => ({ size, peaks: size === leaves.length ? [...peaks] : peaksAt(size) }),
    read,
    leaves: leaves.rows,
    release: leaves.release,
  };
}
