// Goal: a history that real nodes played, each its own part, replays from the audit bundle to what the file says by hand, at
// every moment of it; and every line is accounted for. Method: a small dirty history of our own, three nodes; and, where a large
// one is at hand, the same over eight.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitForConvergence } from "@handfast/handfast/demo/convergence";
import { openDemoNetwork } from "@handfast/handfast/demo/network";
import type { DemoNode } from "@handfast/handfast/demo/node";
import { type DemoHistory, playHistory, readDemoHistory } from "@handfast/handfast/demo/play-history";
import type { Account } from "@handfast/handfast/history/account";
import { expect, it } from "vitest";
import { foldByHand, wholeInitiatives } from "./by-hand.ts";

const auditor = join(import.meta.dirname, "..", "..", "services", "auditor", "src", "main.ts");
const valley = join(import.meta.dirname, "valley.ndjson");
const large =
  process.env["HANDFAST_HISTORY_FILE"] ??
  join(import.meta.dirname, "..", "..", "..", "shared", "data", "kep-history.ndjson");

type Row = {
  readonly kind: "initiative" | "commitment";
  readonly id: string;
  readonly externalId?: string;
  readonly initiative?: string;
  readonly lead: string | null;
  readonly participants: readonly string[];
  readonly externalStatus?: string;
  readonly due: string;
};

function replay(bundle: string, asOf: string): readonly Row[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [auditor, "replay", bundle, "--as-of", asOf, "--timeline", "occurred", "--json"],
    { encoding: "utf8", maxBuffer: 64 * 1_024 * 1_024 },
  );
  expect(status, stderr).toBe(0);
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Row]));
}

/** Of what the auditor shows, what a hand fold shows too. Rows come in order of making, so a later one wins its id. */
function shown(rows: readonly Row[], whole: ReadonlySet<string>) {
  const initiatives = rows.filter((row) => row.kind === "initiative" && whole.has(row.externalId ?? ""));
  return Object.fromEntries(
    initiatives.map((one) => {
      const own = rows.filter((row) => row.kind === "commitment" && row.initiative === one.id);
      const due = Object.fromEntries(own.map((row) => [row.externalId, row.due]));
      return [
        one.externalId,
        { lead: one.lead, participants: one.participants, externalStatus: one.externalStatus, due },
      ];
    }),
  );
}

async function play(
  file: string,
  count: number,
  withinMs: number,
  check: (history: DemoHistory, played: Account, bundle: string) => void,
) {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-history-"));
  const history = readDemoHistory(file, count);
  await using network = await openDemoNetwork({
    name: "History",
    partners: history.partners,
    dir: temp.path,
    say: () => {},
  });
  const played = await playHistory(
    network,
    history,
    () => {},
    () => {},
  );
  await waitForConvergence(network.nodes, withinMs, () => {});
  const bundle = join(temp.path, "audit.hfbundle");
  await (network.nodes.at(-1) as DemoNode).api.exportBundle(bundle, false, () => {});
  check(history, played, bundle);
}

function compareAt(moments: readonly string[], history: DemoHistory, bundle: string): void {
  const whole = wholeInitiatives(history.lines, (partner) => history.partners.includes(partner));
  for (const moment of moments) {
    const until = moment.length === 10 ? Date.parse(`${moment}T23:59:59.999Z`) : Date.parse(moment);
    const byHand = Object.fromEntries([...foldByHand(history.lines, until)].filter(([id]) => whole.has(id)));
    expect(shown(replay(bundle, moment), whole), moment).toEqual(byHand);
  }
}

it("a small dirty history replays as it reads, at every moment of it", { timeout: 480_000 }, async () => {
  await play(valley, 3, 30_000, (history, played, bundle) => {
    expect(history.partners).toEqual(["orchard", "ferry", "millrace"]);
    const placed = history.plan.filter((one) => "act" in one).length;
    expect(played).toMatchObject({ facts: history.lines.length, placed, byOthers: 0, alreadyPlaced: 0 });
    expect(played.leftOut).toEqual([{ partner: "castle", count: 2, lines: [17, 19] }]);
    expect(played.notPlaced).toEqual(
      history.plan.flatMap((one) => ("notPlaced" in one ? [{ line: one.line, reasons: one.notPlaced }] : [])),
    );
    const moments = new Set(history.lines.flatMap((line) => ("fact" in line ? [line.fact.at] : [])));
    compareAt(["2021-02-28", "2021-03-10", ...moments], history, bundle);
  });
});

const hasLarge = existsSync(large);
if (!hasLarge) console.warn("SKIPPED: the large history is not here (name one with HANDFAST_HISTORY_FILE)");
/** The whole file takes minutes; its beginning holds every kind of fact. HANDFAST_HISTORY_LINES=all plays the whole. */
const lines = process.env["HANDFAST_HISTORY_LINES"] ?? "900";
it.skipIf(!hasLarge)(
  `the large history (${lines} lines), played by its most active partners, replays as it reads`,
  { timeout: 600_000 },
  async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-large-"));
    const file = join(temp.path, "history.ndjson");
    const all = readFileSync(large, "utf8").split("\n");
    writeFileSync(file, all.slice(0, lines === "all" ? undefined : Number(lines)).join("\n"));
    await play(file, 5, 240_000, (history, played, bundle) => {
      const leftOut = played.leftOut.reduce((sum, one) => sum + one.count, 0);
      expect(played.placed + played.notPlaced.length + leftOut).toBe(history.lines.length);
      const reasons = played.notPlaced.flatMap((one) => one.reasons.map(({ reason }) => reason));
      expect(new Set(reasons)).toEqual(new Set(["needs-partner-without-node"]));
      const days = ["2020-06-30", "2020-10-02", "2021-01-06", "2021-02-25", "2023-02-09", "2026-07-31"];
      compareAt(days, history, bundle);
    });
  },
);
