/** A history played by the nodes of its most active partners, each performing its own part at the same time as the others. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Line, mostActive, readHistory } from "../history/facts.ts";
import { type ImportReport, importHistory } from "../history/import.ts";
import { type Outcome, planHistory } from "../history/plan.ts";
import { usage } from "../node/fault.ts";
import type { DemoNetwork } from "./demo-network.ts";

export type DemoHistory = {
  readonly partners: readonly string[];
  readonly plan: readonly Outcome[];
  readonly lines: readonly Line[];
};

const waitMs = 60_000;

export function readDemoHistory(file: string, count: number): DemoHistory {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Whatever the machine says about it, the remedy is another path.
    throw usage(`could not read ${file}`, "--history takes a file of one JSON object a line");
  }
  const lines = readHistory(text);
  const partners = mostActive(lines, count);
  if (partners.length === 0)
    throw usage(`${file} holds no fact`, "--history takes a file of one JSON object a line");
  const withNode = new Set(partners);
  return { partners, lines, plan: planHistory(lines, (partner) => withNode.has(partner)) };
}

export type PlayedHistory = {
  readonly facts: number;
  readonly placed: number;
  /** Facts of partners without a node, by partner. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly notPlaced: readonly { readonly line: number; readonly reason: string; readonly detail?: string }[];
};

export async function playHistory(
  network: DemoNetwork,
  history: DemoHistory,
  say: (text: string) => void,
  progress: (text: string) => void,
): Promise<PlayedHistory> {
  const done = new Map<string, number>();
  const total = history.plan.filter((one) => "act" in one).length;
  say(`playing ${total} facts of ${history.partners.join(", ")}`);
  const reports: readonly ImportReport[] = await Promise.all(
    network.nodes.map(async (node) =>
      importHistory(node.api.importNode(), history.plan, {
        partner: node.name,
        partnerIds: await node.api.partnerIds(),
        waitMs,
        now: () => performance.now(),
        pause: () => delay(20),
        progress: (count) => {
          done.set(node.name, count);
          progress(`performed ${[...done.values()].reduce((sum, one) => sum + one, 0)} acts`);
        },
      }),
    ),
  );
  const leftOut: Record<string, number> = {};
  for (const one of history.plan)
    if ("leftOut" in one) leftOut[one.leftOut] = (leftOut[one.leftOut] ?? 0) + 1;
  const planned = history.plan.flatMap((one) =>
    "notPlaced" in one
      ? [
          {
            line: one.line,
            reason: one.notPlaced,
            ...(one.detail === undefined ? {} : { detail: one.detail }),
          },
        ]
      : [],
  );
  // A handoff is performed at two nodes; where it failed at either, its line was not placed.
  const failed = new Map(reports.flatMap((report) => report.notPlaced.map((one) => [one.line, one])));
  const notPlaced = [...planned, ...failed.values()].sort((a, b) => a.line - b.line);
  const placed = total - failed.size;
  const facts = history.lines.length;
  say(
    `placed ${placed} of ${facts} facts; ${notPlaced.length} could not be placed; ${facts - placed - notPlaced.length} are of partners without a node`,
  );
  for (const one of notPlaced)
    say(`  line ${one.line}: ${one.reason}${one.detail === undefined ? "" : ` (${one.detail})`}`);
  for (const [partner, count] of Object.entries(leftOut))
    say(`  left out: ${count} facts of ${partner}, which has no node`);
  return { facts, placed, leftOut, notPlaced };
}
