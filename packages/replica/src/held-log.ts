/** One log as this node knows it: verified leaves, of which a prefix is held (its parents are held too), and who may sign. */
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import type { Authority } from "./authority.ts";
import { createAtColumn } from "./columns.ts";
import type { Edge } from "./edge.ts";
import type { SegmentReader } from "./segment.ts";
import { createTree, type Tree } from "./tree.ts";
import type { VerifiedRun } from "./verdict.ts";

export type HeldLog = {
  readonly log: LogId;
  readonly by: PartnerId;
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
  /** Signed two histories: nothing more is taken from it. */
  isFrozen: boolean;
};

/**
 * @param roots The roots of full segments that are kept elsewhere: the log goes on behind them.
 * @param readCold Reads one of these, and any that is released later.
 */
export function createHeldLog(
  log: LogId,
  by: PartnerId,
  authority: Authority,
  cold?: { readonly roots: readonly Uint8Array[]; readonly read: SegmentReader },
): HeldLog {
  const segments = cold?.roots.length ?? 0;
  const tree = createTree(cold && { roots: cold.roots, read: (segment) => cold.read(log, segment).hashes });
  const ats = createAtColumn(cold && { segments, read: (segment) => cold.read(log, segment) });
  return {
    log,
    by,
    authority,
    tree,
    ats,
    held: tree.size,
    kept: segments,
    edge: null,
    waiting: [],
    isFrozen: false,
  };
}
