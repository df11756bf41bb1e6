/**
 * What a node remembers of entries of one log, cut into segments of 256 that never change once they are full: leaf hashes,
 * times, and what the log learned of others. Only the last segment of a log must be in memory; older ones are read from
 * where they are kept, so that memory and start-up do not grow with the history.
 */
import type { LogId } from "@handfast/protocol/ids";
import { nodeHash } from "@handfast/tlog/tree";

/** Entries a segment: the tree's level 8, so that one segment is one node of the tree. */
export const segmentEntries = 256;
export const segmentLevel = 8;

/** By log, the highest seq known. */
export type Known = ReadonlyMap<LogId, number>;

/** What entries of a segment learned of other logs. */
export type SegmentPasts = {
  /** What the log knew of others before the segment's first entry. */
  readonly base: Known;
  /** By place in the segment (0 to 255), what that entry learned; entries that learned nothing are absent. */
  readonly learned: ReadonlyMap<number, Known>;
};

export type Segment = SegmentPasts & {
  /** Leaf hashes, 32 bytes an entry. */
  readonly hashes: Uint8Array;
  /** Times: wall milliseconds and counters. */
  readonly ms: Float64Array;
  readonly counters: Uint16Array;
};

/** Reads a full segment that is no longer in memory. Expected to keep some at hand. */
export type SegmentReader = (log: LogId, index: number) => Segment;

/** The hash of the subtree over a segment's leaves. */
export function segmentRoot(hashes: Uint8Array): Uint8Array {
  let level: Uint8Array[] = [];
  for (let start = 0; start < hashes.length; start += 32) level.push(hashes.subarray(start, start + 32));
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let left = 0; left < level.length; left += 2)
      above.push(nodeHash(level[left] as Uint8Array, level[left + 1] as Uint8Array));
    level = above;
  }
  return level[0] as Uint8Array;
}
