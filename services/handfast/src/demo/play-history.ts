/** A history played by the nodes of its most active partners. */
import { setTimeout as delay } from "node:timers/promises";
import { counted, createProgress } from "@handfast/service-kit/progress";
import { accountText } from "../cli/account-text.ts";
import { type Account, accountOf } from "../history/account.ts";
import { readHistoryFile } from "../history/history-file.ts";
import { actsOf, importHistory } from "../history/import.ts";
import { createNaming } from "../history/naming.ts";
import { type Outcome, planHistory } from "../history/plan.ts";
import { externalIdsOf, type Line, mostActive } from "../history/read-history.ts";
import { usage } from "../node/fault.ts";
import type { DemoNetwork } from "./demo-network.ts";

export type DemoHistory = {
  readonly partners: readonly string[];
  readonly plan: readonly Outcome[];
  readonly lines: readonly Line[];
};

const waitMs = 60_000;

export function readDemoHistory(file: string, count: number): DemoHistory {
  const lines = readHistoryFile(file);
  const partners = mostActive(lines, count);
  if (partners.length === 0)
    throw usage(`${file} holds no fact`, "--history takes a file of one JSON object on each line");
  const plan = planHistory(lines, { naming: createNaming(partners), now: Date.now() });
  return { partners, lines, plan };
}

/** Every node performs its own part, at the same time as the others. */
export async function playHistory(
  network: DemoNetwork,
  history: DemoHistory,
  say: (text: string) => void,
  progress: (text: string) => void,
): Promise<Account> {
  const { plan, partners, lines } = history;
  const done = new Map<string, number>();
  const total = partners.reduce((sum, partner) => sum + actsOf(plan, partner).length, 0);
  const told = createProgress("act");
  say(`playing ${counted(plan.filter((one) => "act" in one).length, "fact")} of ${partners.join(", ")}`);
  const externalIds = externalIdsOf(lines);
  const reports = await Promise.all(
    network.nodes.map(async (node) => {
      await using importNode = await node.api.importNode({ externalIds });
      // Awaited here, before the node's stream is let go.
      return await importHistory(importNode, plan, {
        partner: node.name,
        partnerIds: await node.api.partnerIds(),
        waitMs,
        now: () => performance.now(),
        pause: () => delay(50),
        progress: (count) => {
          done.set(node.name, count);
          progress(
            told(
              [...done.values()].reduce((sum, one) => sum + one, 0),
              total,
            ).text,
          );
        },
      });
    }),
  );
  // The last count may have come too soon after the one before to be shown.
  if (total > 0)
    say(
      told(
        [...done.values()].reduce((sum, one) => sum + one, 0),
        total,
      ).text,
    );
  const account = accountOf(plan, reports);
  say(accountText(account));
  return account;
}
