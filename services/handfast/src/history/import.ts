/**
 * Performs one partner's part of a planned history at its node, waiting where an earlier line of another node must have
 * arrived first, and reporting every line that could not be placed.
 *
 * Initiatives do not depend on each other, so each goes at its own pace: its lines in the file's order, beside the others.
 * A wait is only ever for an earlier line of the same initiative, so that no two nodes wait for each other.
 */
import type { PartnerId } from "@handfast/protocol/ids";
import { type ImportNode, ImportRefused } from "./import-node.ts";
import { createPerformer } from "./perform-act.ts";
import type { Act, Outcome } from "./plan.ts";
import { createSlots } from "./slots.ts";

export type ImportOptions = {
  /** The partner whose acts are performed, by its name in the network. */
  readonly partner: string;
  readonly partnerIds: ReadonlyMap<string, PartnerId>;
  /** How long to wait for another node's act while nothing arrives at all, before naming it missing. */
  readonly waitMs: number;
  readonly now: () => number;
  readonly pause: () => Promise<void>;
  readonly progress?: (done: number, of: number) => void;
};

export type ImportReport = {
  /** Lines performed now (an accepted handoff is one of its receiver's too). */
  readonly placed: readonly number[];
  /** Lines that an earlier import had performed. */
  readonly alreadyPlaced: readonly number[];
  readonly notPlaced: readonly Failed[];
  /** Lines that were performed before, in other words: what is recorded stays. */
  readonly changed: readonly { readonly line: number; readonly detail: string }[];
};
export type Failed = {
  readonly line: number;
  readonly reasons: readonly { readonly reason: string; readonly detail?: string }[];
};

/** Acts sent at the same time. The node writes what comes together in one transaction. */
const atOnce = 8;

/** @throws Whatever is not a refusal: a node that is gone, a full disk. What was performed stays, and an import may be run again. */
export async function importHistory(
  node: ImportNode,
  plan: readonly Outcome[],
  options: ImportOptions,
): Promise<ImportReport> {
  const acts = actsOf(plan, options.partner);
  const performer = createPerformer(node, options, createSlots(atOnce));
  const notPlaced: Failed[] = [];
  const changed: { line: number; detail: string }[] = [];
  const placed: number[] = [];
  const alreadyPlaced: number[] = [];
  let done = 0;
  let fault: { readonly cause: unknown } | null = null;
  const perform = async (act: Act): Promise<void> => {
    try {
      const { isNew, differences } = await performer.perform(act);
      (isNew ? placed : alreadyPlaced).push(act.line);
      if (differences.length > 0) changed.push({ line: act.line, detail: differences.join("; ") });
    } catch (err) {
      // An expected no is a line of the report; anything else is the machine's and ends the import.
      if (!(err instanceof ImportRefused)) throw err;
      notPlaced.push({ line: act.line, reasons: [{ reason: err.code, detail: err.message }] });
    }
    options.progress?.(++done, acts.length);
  };
  await Promise.all(
    [...Map.groupBy(acts, (act) => act.fact.initiative).values()].map(async (own) => {
      for (const act of own) {
        if (fault !== null) return;
        await perform(act).catch((cause: unknown) => {
          fault ??= { cause };
        });
      }
    }),
  );
  if (fault !== null) throw (fault as { readonly cause: unknown }).cause;
  const byLine = (a: { readonly line: number }, b: { readonly line: number }) => a.line - b.line;
  return {
    placed: placed.sort((a, b) => a - b),
    alreadyPlaced: alreadyPlaced.sort((a, b) => a - b),
    notPlaced: notPlaced.sort(byLine),
    changed: changed.sort(byLine),
  };
}

/** A partner's own acts, and the handoffs to it: accepting one is its act too. */
export const actsOf = (plan: readonly Outcome[], partner: string): readonly Act[] =>
  plan.flatMap((outcome) => {
    if (!("act" in outcome)) return [];
    const { fact } = outcome.act;
    const isOurs = fact.partner === partner || (fact.fact === "lead.changed" && fact.to === partner);
    return isOurs ? [outcome.act] : [];
  });
