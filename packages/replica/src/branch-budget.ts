/**
 * How many histories of one partner's logs are taken beyond those that are taken whatever they are: only those without which nodes
 * would differ. One that an entry of another log needs as a parent, and one that leaves its log earlier than what is known, since
 * that says from where on the log is in doubt. They come at a rate and are never refused for good, so in time all nodes hold them.
 */
import { budgets } from "@handfast/protocol/budgets";
import type { PartnerId } from "@handfast/protocol/ids";

export type BranchBudget = {
  /** Whether one more that matters is taken now. */
  mayTake(by: PartnerId, nowMs: number): boolean;
  took(by: PartnerId, nowMs: number): void;
};

const { neededAtOnce, neededPerHour } = budgets.branches;
const hourMs = 3_600_000;

/** Kept in memory: a restart fills it. */
export function createBranchBudget(): BranchBudget {
  const spent = new Map<PartnerId, { readonly count: number; readonly atMs: number }>();
  const spentBy = (by: PartnerId, nowMs: number): number => {
    const last = spent.get(by);
    if (last === undefined) return 0;
    const regained = (Math.max(0, nowMs - last.atMs) / hourMs) * neededPerHour;
    return Math.max(0, last.count - regained);
  };
  return {
    mayTake: (by, nowMs) => spentBy(by, nowMs) + 1 <= neededAtOnce,
    took: (by, nowMs) => {
      spent.set(by, { count: spentBy(by, nowMs) + 1, atMs: nowMs });
    },
  };
}
