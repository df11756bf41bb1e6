/** What has come of every line of a history: the report of an import and of the demo, as data. */
import type { Failed, ImportReport } from "./import.ts";
import type { Outcome } from "./plan.ts";

/** Every fact of the file is counted in exactly one of the first seven members. */
export type Account = {
  readonly facts: number;
  readonly placed: number;
  /** By an earlier import. */
  readonly alreadyPlaced: number;
  /** To be performed by other partners' nodes, from the same file. */
  readonly byOthers: number;
  readonly repeated: readonly { readonly line: number; readonly of: number }[];
  /** Partners without a node, with their own lines. */
  readonly leftOut: readonly {
    readonly partner: string;
    readonly count: number;
    readonly lines: readonly number[];
  }[];
  readonly notPlaced: readonly Failed[];
  /** What was taken in another form than the file has it. */
  readonly normalized: readonly { readonly line: number; readonly member: string; readonly note: string }[];
  /** Statuses that were placed, now or before, and moved nothing. */
  readonly noted: readonly { readonly line: number; readonly status: string; readonly why: string }[];
  /** What an earlier import placed in other words: what is recorded stays. */
  readonly changed: ImportReport["changed"];
};

/** @param reports Of the nodes that performed their parts: one for an import, all of them for the demo. */
export function accountOf(plan: readonly Outcome[], reports: readonly ImportReport[]): Account {
  // A handoff is performed at two nodes; where it failed at either, its line was not placed.
  const failed = new Map(reports.flatMap((report) => report.notPlaced.map((one) => [one.line, one])));
  const planned = plan.flatMap((one) =>
    "notPlaced" in one ? [{ line: one.line, reasons: one.notPlaced }] : [],
  );
  const placed = new Set(reports.flatMap((report) => report.placed)).difference(failed);
  const already = new Set(reports.flatMap((report) => report.alreadyPlaced))
    .difference(failed)
    .difference(placed);
  const leftOut = Map.groupBy(
    plan.flatMap((one) => ("leftOut" in one ? [one] : [])),
    (one) => one.leftOut,
  );
  const isOthers = ({ line }: Outcome) => !placed.has(line) && !already.has(line) && !failed.has(line);
  return {
    facts: plan.length,
    placed: placed.size,
    alreadyPlaced: already.size,
    byOthers: plan.filter((one) => "act" in one && isOthers(one)).length,
    repeated: plan.flatMap((one) => ("repeats" in one ? [{ line: one.line, of: one.repeats }] : [])),
    leftOut: [...leftOut].map(([partner, own]) => ({
      partner,
      count: own.length,
      lines: own.map((one) => one.line),
    })),
    notPlaced: [...planned, ...failed.values()].sort((a, b) => a.line - b.line),
    normalized: plan.flatMap(({ line, notes }) => notes.map((note) => ({ line, ...note }))),
    noted: plan.flatMap((one) => {
      if (!("act" in one) || !(placed.has(one.line) || already.has(one.line))) return [];
      const { fact, line, onlyNoted: why } = one.act;
      return fact.fact === "initiative.status" && why !== undefined
        ? [{ line, status: fact.status, why }]
        : [];
    }),
    changed: reports.flatMap((report) => report.changed).sort((a, b) => a.line - b.line),
  };
}
