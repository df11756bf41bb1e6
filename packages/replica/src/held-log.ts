/** One log as this node knows it: verified leaves, of which a prefix is held (its parents are held too), and who may sign. */
import type { At } from "@handfast/protocol/header";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import type { Authority } from "./authority.ts";
import { type Column, createAtColumn } from "./columns.ts";
import type { Edge } from "./edge.ts";
import { createTree, type Tree } from "./tree.ts";
import type { VerifiedRun } from "./verdict.ts";

export type HeldLog = {
  readonly log: LogId;
  readonly by: PartnerId;
  readonly authority: Authority;
  /** All verified leaves: those held, and those that wait for parents. */
  readonly tree: Tree;
  readonly ats: Column<At>;
  /** How many entries are held. */
  held: number;
  /** What proves the held entries; null until the first checkpoint is known. */
  edge: Edge | null;
  /** Verified runs that are not wholly held, oldest first. */
  waiting: VerifiedRun[];
  /** Signed two histories: nothing more is taken from it. */
  isFrozen: boolean;
};

export const createHeldLog = (log: LogId, by: PartnerId, authority: Authority): HeldLog => ({
  log,
  by,
  authority,
  tree: createTree(),
  ats: createAtColumn(),
  held: 0,
  edge: null,
  waiting: [],
  isFrozen: false,
});
