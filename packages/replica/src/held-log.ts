/** One line of a log as this node knows it: verified leaves, of which a prefix is held (its parents are held too), and who may sign. */
import type { LineId, LogId, PartnerId } from "@handfast/protocol/ids";
import type { Authority } from "./authority.ts";
import { createAtColumn } from "./columns.ts";
import type { Edge } from "./edge.ts";
import { type Segment, type SegmentReader, segmentEntries, segmentLevel } from "./segment.ts";
import { createTree, type Tree } from "./tree.ts";
import type { VerifiedRun } from "./verdict.ts";

export type HeldLog = {
  /** How this node names it: the log's own id, but for a branch. */
  readonly line: LineId;
  readonly log: LogId;
  readonly by: PartnerId;
  /** Of a branch: the line it leaves, and how many entries it shares with it. */
  readonly base: Base | null;
  readonly authority: Authority;
  /** All verified leaves: those held, and those that wait for parents. */
  readonly tree: Tree;
  readonly ats: ReturnType<typeof createAtColumn>;
  /** How many entries are held. */
  held: number;
  /** How many full segments are kept elsewhere, and need not be in memory. */
  kept: number;
  /** What proves the held entries; null until the first checkpoint is known. */
  edge: Edge | null;
  /** Verified runs that are not wholly held, oldest first. */
  waiting: VerifiedRun[];
};
export type Base = { readonly line: HeldLog; readonly size: number };

type Identity = Pick<HeldLog, "line" | "log" | "by" | "base" | "authority">;

/**
 * @param roots The roots of full segments that are kept elsewhere, of a branch those behind the ones it shares: it goes on behind
 *   them. A branch without such goes on where it leaves its base.
 * @param readCold Reads one of these, and any that is released later.
 */
export function createHeldLog(
  identity: Identity,
  {
    roots = [],
    readCold,
  }: { readonly roots?: readonly Uint8Array[]; readonly readCold?: SegmentReader | undefined },
): HeldLog {
  const { line, base } = identity;
  const shared = base === null ? 0 : sharedSegments(base);
  const sharedRoots = Array.from({ length: shared }, (_, index) => base?.line.tree.read(segmentLevel, index));
  const known = [...(sharedRoots as Uint8Array[]), ...roots];
  const read = (segment: number): Pick<Segment, "hashes" | "ms" | "counters"> => {
    if (base !== null && segment < shared)
      return { hashes: base.line.tree.leaves(segment), ...base.line.ats.rows(segment) };
    if (readCold === undefined) throw new RangeError(`segment ${segment} of ${line} is not kept elsewhere`);
    return readCold(line, segment);
  };
  const tree = createTree({ roots: known, read: (segment) => read(segment).hashes });
  const ats = createAtColumn({ segments: known.length, read });
  if (base !== null && roots.length === 0)
    for (let seq = shared * segmentEntries; seq < base.size; seq++) {
      tree.push(base.line.tree.leaf(seq));
      ats.push(base.line.ats.at(seq));
    }
  return { ...identity, tree, ats, held: tree.size, kept: known.length, edge: null, waiting: [] };
}

/** How many full segments of its base a branch shares. */
export const sharedSegments = ({ size }: Pick<Base, "size">): number => Math.floor(size / segmentEntries);
