/**
 * A compact range: all one must keep of a log to append to it and to know its root.
 *
 * Its peaks are the roots of the complete subtrees that a size falls into, largest first: 13 = 8 + 4
 * + 1 has three. It is plain data and can be stored as it is. Appending changes a range in place, so
 * a reader of foreign entries clones it first and keeps the clone only once they are stored.
 */

import { countOnes, isSize } from "./powers.ts";
import type { Refusal } from "./refusal.ts";
import { emptyRoot, hashBytes, nodeHash } from "./tree.ts";

export type CompactRange = {
  /** How many leaves it covers, 0 to 2^53 - 1. */
  size: number;
  /** One hash for each one in the binary form of `size`, so at most 53; largest subtree first. */
  readonly peaks: Uint8Array[];
};

export type RangeRefusal = "size-out-of-range" | "peaks-do-not-fit-size" | "hash-not-32-bytes";

/** The range of a log without entries. */
export function emptyRange(): CompactRange {
  return { size: 0, peaks: [] };
}

/** A range that can be appended to without touching this one. The hashes are shared: nobody writes into one. */
export function cloneRange(range: Readonly<CompactRange>): CompactRange {
  return { size: range.size, peaks: [...range.peaks] };
}

/**
 * Checks that a size and peaks, as read from a file or a peer, have the form of a range. Whether
 * they are those of a given log is another matter: compare `rootOf` with a checkpoint.
 */
export function rangeFrom(
  size: number,
  peaks: readonly Uint8Array[],
): { readonly ok: true; readonly range: CompactRange } | Refusal<RangeRefusal> {
  if (!isSize(size)) return { ok: false, reason: "size-out-of-range" };
  if (peaks.length !== countOnes(size)) return { ok: false, reason: "peaks-do-not-fit-size" };
  if (peaks.some((peak) => peak.length !== hashBytes)) return { ok: false, reason: "hash-not-32-bytes" };
  return { ok: true, range: { size, peaks: [...peaks] } };
}

/**
 * Adds one leaf at the right edge, in place.
 *
 * @param hash The leaf hash of the entry with seq `range.size`.
 * @throws {RangeError} When the log is full, at 2^53 - 1 entries.
 */
export function appendLeafHash(range: CompactRange, hash: Uint8Array): void {
  if (range.size >= Number.MAX_SAFE_INTEGER) throw new RangeError("a log holds at most 2^53 - 1 entries");
  let top = hash;
  // Every trailing one of the size is a complete subtree as large as the one that just became complete.
  for (let rest = range.size; rest % 2 === 1; rest = (rest - 1) / 2) {
    const left = range.peaks.pop();
    if (left === undefined) throw new RangeError("a compact range has a peak for every one in its size");
    top = nodeHash(left, top);
  }
  range.peaks.push(top);
  range.size += 1;
}

/** The RFC 6962 root over the leaves of this range. */
export function rootOf(range: Readonly<CompactRange>): Uint8Array {
  return range.peaks.length === 0
    ? emptyRoot()
    : range.peaks.reduceRight((right, left) => nodeHash(left, right));
}
