/** On which line of its log a frame goes, once each of them has judged it, and whether it may begin a branch. */
import { budgets } from "@handfast/protocol/budgets";
import { notNow } from "@handfast/protocol/refusals";
import type { BranchBudget } from "./branch-budget.ts";
import type { HeldLog } from "./held-log.ts";
import type { Parting } from "./judge.ts";
import type { KnownForks } from "./known-forks.ts";
import { type Lines, nameOfBranch } from "./lines.ts";
import type { createTaking } from "./taking.ts";
import { type Refused, refuse, type Verdict } from "./verdict.ts";

const { perPartner } = budgets.branches;

/** What every line of a log says of a frame; null beside what was judged without one, where none of the log is held. */
type JudgedOnLines = readonly (readonly [HeldLog | null, Verdict | Parting])[];

/**
 * It goes where most of it is held already; where it leaves every line, it begins a branch behind what it shares with most. A line
 * that let go of what waited ends where a branch of it begins: what the branch holds must not be taken there as well.
 */
export function createLineChoice({
  lines,
  forks,
  taking,
  branchBudget,
}: {
  lines: Lines;
  forks: Pick<KnownForks, "forkedFrom">;
  taking: Pick<ReturnType<typeof createTaking>, "isNeeded">;
  branchBudget: Pick<BranchBudget, "mayTake">;
}): (judged: JudgedOnLines, nowMs: number) => Verdict {
  const branchOff = (line: HeldLog, run: Parting["run"], nowMs: number): Verdict => {
    const [first] = run.entries;
    if (first === undefined) throw new Error("a branch begins with an entry");
    const base = lines.baseFor(line, run.from);
    if (base.held < run.from)
      return {
        ...refuse("gap", `held up to ${base.held}, and what parts there has to wait`),
        size: base.held,
      };
    if (lines.branchesBy(run.by) >= perPartner) {
      const isEarlier = run.from < (forks.forkedFrom(run.log) ?? Number.POSITIVE_INFINITY);
      if (!isEarlier && !taking.isNeeded(run))
        return refuse("busy", `no more than ${perPartner} branches of one partner are taken`);
      if (!branchBudget.mayTake(run.by, nowMs))
        return refuse(
          "busy",
          "branches of this partner come faster than they are taken: ask again in an hour",
        );
    }
    return {
      kind: "verified",
      run: { ...run, line: nameOfBranch(base, first.hash), base: { line: base, size: run.from } },
    };
  };

  return (judged, nowMs) => {
    let fitting: Extract<Verdict, { kind: "verified" }> | null = null;
    let contradicting: Verdict | null = null;
    let refused: Refused | null = null;
    let parting: { readonly line: HeldLog; readonly run: Parting["run"] } | null = null;
    for (const [line, verdict] of judged) {
      if (verdict.kind === "verified") {
        if (fitting === null || fitting.run.from < verdict.run.from) fitting = verdict;
      } else if (verdict.kind === "known") {
        if (verdict.note === undefined) return verdict;
        contradicting = verdict;
      } else if (verdict.kind === "parting") {
        if (line !== null && (parting === null || parting.run.from < verdict.run.from))
          parting = { line, run: verdict.run };
      } else if (refused === null || (notNow.has(verdict.code) && !notNow.has(refused.code)))
        refused = verdict;
    }
    if (fitting !== null) return fitting;
    if (contradicting !== null) return contradicting;
    if (parting !== null) return branchOff(parting.line, parting.run, nowMs);
    if (refused === null) throw new Error("a frame was not judged");
    return refused;
  };
}
