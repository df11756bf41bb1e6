/** The demo from beginning to end: start the nodes, play, converge, let the auditor judge, and stay or stop. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { exitCodes } from "@handfast/api/exit-codes";
import { counted } from "@handfast/service-kit/progress";
import { shellWord } from "@handfast/service-kit/shell";
import { assertWritable, writeNewFile } from "../cli/new-file.ts";
import type { Output } from "../cli/output.ts";
import { table } from "../cli/table.ts";
import { NodeError } from "../node/fault.ts";
import { waitForConvergence } from "./convergence.ts";
import { openDemoNetwork } from "./demo-network.ts";
import type { DemoNode } from "./demo-node.ts";
import { playHistory, readDemoHistory } from "./play-history.ts";
import { playStory, storyPartners } from "./story.ts";

export type DemoOptions = {
  readonly history: string | undefined;
  readonly partners: number;
  /** End after the audit instead of staying up. */
  readonly isOnce: boolean;
  readonly bundle: string | undefined;
  /** Whether `bundle` may replace a file of that name. */
  readonly isForced: boolean;
  readonly dir: string | undefined;
  readonly output: Output;
};

const convergenceLimitMs = 180_000;

/** @returns The exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { output } = options;
  // Said before anything is begun: the story takes a while.
  if (options.bundle !== undefined) assertWritable(options.bundle, options.isForced);
  const startedAt = performance.now();
  const say = (text: string) =>
    output.say(`[${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s] ${text}`);
  const history = options.history === undefined ? null : readDemoHistory(options.history, options.partners);
  const names = history?.partners ?? storyPartners;

  const stop = stopSignal();
  const stopped = new Promise<null>((resolve) =>
    stop.addEventListener("abort", () => resolve(null), { once: true }),
  );
  await using cleanup = new AsyncDisposableStack();
  const dir =
    options.dir === undefined ? mkdtempSync(join(tmpdir(), "handfast-demo-")) : resolve(options.dir);
  if (options.dir === undefined) cleanup.defer(() => rmSync(dir, { recursive: true, force: true }));
  else mkdirSync(dir, { recursive: true, mode: 0o700 });

  const work = async () => {
    say(`starting ${counted(names.length, "partner")}, each with a node, keys and a nats-server of its own`);
    const opening = openDemoNetwork({
      name: history === null ? "River valley" : "A history",
      partners: names,
      dir,
      say,
      signal: stop,
    });
    // Ours from its first step on: stopped half way, it must be down before its folders go.
    cleanup.defer(async () => (await opening.catch(() => null))?.[Symbol.asyncDispose]());
    const network = await opening;
    if (history === null) await playStory(network, say);
    const played = history === null ? null : await playHistory(network, history, say, output.progress);
    const { entries } = await waitForConvergence(network.nodes, convergenceLimitMs, output.progress);
    say(
      names.length === 1
        ? `converged: the one node holds ${counted(entries, ["entry", "entries"])}`
        : `converged: all ${names.length} nodes hold the same ${counted(entries, ["entry", "entries"])} and read the same from them`,
    );
    const [first] = network.nodes as [DemoNode];
    const bundle = join(dir, "audit.hfbundle");
    await first.api.exportBundle(bundle, true, (text) => output.progress(`exporting: ${text}`));
    const audit = await verifyBundle(bundle);
    say(`the auditor, which shares no code with the nodes, says: ${audit}`);
    if (options.bundle !== undefined)
      await writeNewFile(options.bundle, options.isForced, (part) => copyFileSync(bundle, part));
    return {
      nodes: network.nodes,
      unplaced: played?.notPlaced.length ?? 0,
      result: {
        partners: names.length,
        entries,
        converged: true,
        audit,
        ...(played ?? {}),
        ...(options.bundle === undefined ? {} : { bundle: resolve(options.bundle) }),
      },
    };
  };
  const done = await Promise.race([work(), stopped]);
  if (done === null) {
    say("stopping");
    if (options.isOnce) throw new NodeError("interrupted", "the demo was stopped before it was verified");
    return exitCodes.done;
  }
  if (!options.isOnce) {
    output.say(await invitationToLook(done.nodes));
    await stopped;
    say("stopping");
  }
  await cleanup.disposeAsync();
  output.result(done.result, () => JSON.stringify(done.result));
  const verdict = verdictCodes[done.result.audit];
  return verdict === exitCodes.done && done.unplaced > 0 ? exitCodes.incomplete : verdict;
}

/** Aborted by the first SIGINT or SIGTERM. Further ones are the same wish, and must not cut the stopping short. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop.abort());
  return stop.signal;
}

/** What the auditor can say of a bundle, by its exit code. */
const verdictCodes = {
  verified: exitCodes.done,
  invalid: exitCodes.invalid,
  incomplete: exitCodes.incomplete,
} as const;
type Verdict = keyof typeof verdictCodes;

async function verifyBundle(file: string): Promise<Verdict> {
  const auditor = join(import.meta.dirname, "..", "..", "..", "auditor", "src", "main.ts");
  const child = spawn(process.execPath, [auditor, "verify", file, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  child.stdout.resume();
  const [code] = (await once(child, "exit")) as [number | null];
  const verdicts = Object.keys(verdictCodes) as readonly Verdict[];
  const verdict = verdicts.find((one) => verdictCodes[one] === code);
  if (verdict !== undefined) return verdict;
  throw new NodeError("auditor-failed", `the auditor ended with code ${String(code)}`);
}

async function invitationToLook(nodes: readonly DemoNode[]): Promise<string> {
  const rows = await Promise.all(
    nodes.map(async (node) => [
      node.name,
      node.url,
      `${node.url}/docs`,
      await node.api.createToken("demo", "member"),
    ]),
  );
  const [, url, , token] = rows[0] as readonly string[];
  return [
    "",
    "The network is up. Each node has an HTTP API, its documentation, and a token to try (Ctrl-C stops everything):",
    "",
    table(["partner", "API", "docs", "token"], rows, 120),
    "",
    `  curl -H "Authorization: Bearer ${token}" ${url}/v1/commitments`,
    `  npm run --silent handfast -- --data ${shellWord(nodes[0]?.folder.dir ?? "")} commitments`,
    "",
  ].join("\n");
}
