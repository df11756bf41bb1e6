// Goal: a ledger that dies between any two steps of writing loses nothing that was acknowledged, doubles nothing, and never signs a
// second history; with both stores in one database, and with a log store of its own. Method: a real process that kills itself at
// a step, once for each step and form; what was not answered is asked again under its key; a peer that took the first history
// takes the rest.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createEndpoints } from "@handfast/ledger/endpoints";
import { openLedger } from "@handfast/ledger/open";
import { initLedger } from "@handfast/ledger/service";
import { openStores, type Stores } from "@handfast/ledger/stores";
import { openSqliteLogStore } from "@handfast/logstore-sqlite/log-store";
import { openSqliteNodeStore } from "@handfast/node-store/sqlite";
import { parseFrame } from "@handfast/protocol/frame";
import { createReplica, type Replica } from "@handfast/replica/replica";
import { testKey } from "@handfast/testkit/author";
import { testStateDir } from "@handfast/testkit/state-folder";
import { describe, expect, it } from "vitest";
import { histories, network } from "./two-histories.ts";

const { bytes: charterBytes, charter, net } = network;
const steps = [
  "before begin",
  "after begin",
  "before append",
  "after append",
  "before read",
  "after read",
  "before complete",
  "after complete",
  "before answer",
  "before fence",
  "after fence",
  "before branch",
  "after branch",
];
const forms = ["one", "apart"] as const;

const storesIn =
  (dir: string, form: (typeof forms)[number]) =>
  (path: string): Stores => {
    if (form === "one") return openStores(path);
    const logs = openSqliteLogStore(join(dir, "logs-apart.db"));
    const node = openSqliteNodeStore(join(dir, "node-apart.db"));
    const close = async (): Promise<void> => {
      await logs[Symbol.asyncDispose]();
      node[Symbol.dispose]();
    };
    return { logs, node, [Symbol.asyncDispose]: close };
  };

/** Runs a ledger that dies at a step, asks for these numbers one after another, and tells what was acknowledged. */
async function runUntilDeath(
  given: { readonly dir: string; readonly form: string; readonly death: object | null },
  numbers: readonly number[],
): Promise<Map<number, string>> {
  const args = [
    join(import.meta.dirname, "stepwise-child.ts"),
    JSON.stringify({ ...given, charter: Buffer.from(charterBytes).toString("base64url") }),
  ];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {});
  const exited = once(child, "exit");
  const told = new Map<number, string>();
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const opened = await lines.next();
  for (const number of opened.done ? [] : numbers) {
    child.stdin.write(`${number}\n`);
    const { done, value } = await lines.next();
    if (done) break;
    const [first, ref] = String(value).split(" ");
    told.set(Number(first), String(ref));
  }
  child.stdin.end();
  await exited;
  return told;
}

/** Everything of the own log, from a size on, into the replica of a peer; a second history would be refused. */
async function pull(ledger: Awaited<ReturnType<typeof openLedger>>, peer: Replica): Promise<number> {
  const { log } = ledger.identity;
  for (;;) {
    const from = peer.logs.get(log)?.held ?? 0;
    const bytes = await createEndpoints(ledger).range({ net, log, from, limit: 100 });
    if (!(bytes instanceof Uint8Array)) return from;
    const frame = parseFrame(bytes);
    if ("malformed" in frame) throw new Error(frame.malformed);
    expect(peer.receive([frame], Date.now()).outcomes[0]).toMatchObject({ kind: "taken" });
  }
}

describe.each(forms)("a ledger with its stores %s", (form) => {
  it.each(steps)("that dies %s", { timeout: 240_000 }, async (step) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-steps-"));
    const dir = folder.path;
    const openStoresHere = storesIn(dir, form);
    await initLedger({
      dir,
      stateDir: testStateDir(),
      charterBytes,
      name: "Orchard",
      root: testKey("orchard root"),
      nextRootHash: "A".repeat(43),
      openStores: openStoresHere,
    });
    const peer = createReplica({ net, charter });
    for (const author of histories())
      peer.receive([author.frame(0, 1), author.frame(1, author.size)], Date.now());
    const openHere = () =>
      openLedger({ dir, stateDir: testStateDir(), charter: charterBytes }, { openStores: openStoresHere });

    const told = new Map<number, string>();
    const wanted = [1, 2, 3, 4, 5, 6];
    // A branch is begun once.
    for (const passes of step.endsWith("branch") ? [0] : [2, 0, 1]) {
      const rest = wanted.filter((number) => !told.has(number));
      for (const [number, ref] of await runUntilDeath({ dir, form, death: { step, passes } }, rest)) {
        expect(told.has(number)).toBe(false);
        told.set(number, ref);
      }
      await using ledger = await openHere();
      await pull(ledger, peer);
    }
    // What was cut off is asked again under its key: the whole list, answered ones too.
    const again = await runUntilDeath({ dir, form, death: null }, wanted);
    expect([...again.keys()]).toEqual(wanted);
    for (const [number, ref] of told) expect(again.get(number)).toBe(ref);

    await using ledger = await openHere();
    expect(existsSync(join(dir, "logs-apart.db"))).toBe(form === "apart");
    const { entries } = await createEndpoints(ledger).read({ after: 0, limit: 100 });
    type Written = { log: string; seq: number; type: string; x: { number?: number } };
    const ours = entries.flatMap(({ header, hash }) => {
      const written = JSON.parse(header) as Written;
      return written.log === ledger.identity.log ? [{ ...written, hash }] : [];
    });
    const numbered = ours.flatMap(({ log, seq, x, hash }) =>
      x.number === undefined ? [] : [{ seq, place: [x.number, `${log}.${seq}@${hash}`] as const }],
    );
    expect(numbered).toHaveLength(wanted.length);
    expect(new Map(numbered.map(({ place }) => place))).toEqual(again);
    // Both histories of the other log are whole, and proven once.
    const { lines } = ledger.rounds.held.replica;
    expect(lines.of(histories()[0].log).map(({ held }) => held)).toEqual([3, 4]);
    expect(ours.filter(({ type }) => type === "fork.proven")).toHaveLength(1);
    expect(await pull(ledger, peer)).toBe(2 + wanted.length);
    // Texts are where their entries are.
    for (const { seq } of numbered)
      expect(ledger.stores.node.payload({ log: ledger.identity.log, seq })).not.toBeNull();
  });

  it.each([
    ["what it did not begin to write", false],
    ["other bytes than those it began to write", true],
  ])("refuses a log store that holds %s", async (_what, isBegun) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-steps-"));
    const dir = folder.path;
    const openStoresHere = storesIn(dir, form);
    const { log, partner: by } = await initLedger({
      dir,
      stateDir: testStateDir(),
      charterBytes,
      name: "Orchard",
      root: testKey("orchard root"),
      nextRootHash: "A".repeat(43),
      openStores: openStoresHere,
    });
    const header = Buffer.from(`{"log":"${log}","seq":1,"x":"never signed"}`);
    {
      await using stores = openStoresHere(join(dir, "log.db"));
      const digest = new Uint8Array(32);
      const run = { log, by, from: 1, to: 2, digest, payloads: [], lacking: [], edge: null };
      if (isBegun || form === "one") stores.node.begin({ runs: isBegun ? [run] : [], replies: [] });
      await stores.logs.append(log, 1, [header]);
      // In one database nothing of a write that was begun is left: only somebody else could have written this.
      const nothing = { learned: [], segments: [], heads: [], network: [], proofs: [] };
      if (form === "one" && !isBegun) stores.node.complete({ edges: [], ...nothing });
    }
    const opening = openLedger(
      { dir, stateDir: testStateDir(), charter: charterBytes },
      { openStores: openStoresHere },
    );
    if (form === "one" && isBegun) {
      await using ledger = await opening;
      expect(await ledger.stores.logs.size(log)).toBe(1);
      return;
    }
    await expect(opening).rejects.toMatchObject({
      code: "fatal",
      exitCode: 70,
      message: expect.stringContaining("did not begin to write"),
    });
  });
});
