// Goal: a partner's log has one history, whatever is done to its data folder, and nothing that a partner holds is lost. Method: real
// nodes over real links; folders are put back, moved to another host (whose state knows nothing), backed up and restored.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempDisposableSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { waitForConvergence } from "@handfast/handfast/demo/convergence";
import { type DemoNetwork, openDemoNetwork } from "@handfast/handfast/demo/network";
import { type DemoNode, demoNode } from "@handfast/handfast/demo/node";
import { eventually } from "@handfast/testkit/eventually";
import { describe, expect, it } from "vitest";
import { commandsOf, handfast } from "./command-line.ts";

const longMs = 60_000;

const pledge = (node: DemoNode, key: string) =>
  node.api.command("commitment.pledge", {
    on: null,
    idempotencyKey: key,
    body: { act: "pledge", title: key, externalId: key, due: "2031-01-01" },
  });
const titles = async (node: DemoNode): Promise<readonly string[]> =>
  (await node.api.list("/v1/commitments", {})).map((item) => String(item["externalId"])).sort();
/** Texts come after the entries that they belong to. */
const shows = (node: DemoNode, expected: readonly string[]) =>
  eventually(`it shows ${expected.join(", ")}`, async () => isDeepStrictEqual(await titles(node), expected), {
    withinMs: longMs,
    everyMs: 50,
  });
const ownLog = async (node: DemoNode) => (await node.api.node()).ownLog;
const doubt = async (node: DemoNode) => (await ownLog(node))?.doubt?.code ?? null;
const isIn = (node: DemoNode, code: string | null) =>
  eventually(`doubt ${code}`, async () => (await doubt(node)) === code, { withinMs: longMs, everyMs: 100 });
/** Every commitment by its id, with the entries that it came about by. */
const ids = async (node: DemoNode) =>
  (await node.api.list("/v1/commitments", {})).map((item) => String(item["id"])).sort();
const readiness = async (node: DemoNode) => (await fetch(`${node.url}/readyz`)).json();

async function twoPartners(dir: string): Promise<DemoNetwork & { orchard: DemoNode; millrace: DemoNode }> {
  const network = await openDemoNetwork({
    name: "Valley",
    partners: ["Orchard", "Millrace"],
    dir,
    say: () => {},
  });
  const [orchard, millrace] = network.nodes as readonly [DemoNode, DemoNode];
  return { ...network, orchard, millrace };
}
/** Puts the node's folder aside as it is now, to be put back later. */
async function keepOld(node: DemoNode): Promise<() => void> {
  await node.stop();
  const { dir } = node.folder;
  cpSync(dir, `${dir}-old`, { recursive: true });
  await node.start();
  return () => {
    renameSync(dir, `${dir}-newest`);
    renameSync(`${dir}-old`, dir);
  };
}
/** What this host knew of its nodes is gone, as on another host. */
const moveHost = (node: DemoNode): void => rmSync(node.stateDir, { recursive: true, force: true });

describe("a data folder put back from an older moment", { timeout: 240_000 }, () => {
  it("signs no second history: it takes back what it had signed, and goes on", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-own-log-"));
    await using network = await twoPartners(temp.path);
    const { orchard, millrace } = network;
    await pledge(orchard, "before");
    const putBack = await keepOld(orchard);
    for (const key of ["after-1", "after-2"]) await pledge(orchard, key);
    await waitForConvergence([orchard, millrace], longMs, () => {});
    const all = await ids(millrace);
    await orchard.kill();
    putBack();

    // Cut off, nothing of its own is signed, and it says why; what it has can be read.
    await millrace.stop();
    await orchard.start();
    expect(await doubt(orchard)).toBe("behind-fence");
    await expect(pledge(orchard, "second history")).rejects.toMatchObject({ code: "own-log-unsure" });
    expect(await readiness(orchard)).toMatchObject({
      status: "degraded",
      reasons: [expect.stringContaining("handfast log")],
    });
    await shows(orchard, ["before"]);
    const command = commandsOf(orchard);
    expect(await command("log")).toMatchObject({ code: 1, out: expect.stringContaining("older moment") });
    expect(await command("doctor")).toMatchObject({ code: 1, out: expect.stringContaining("log new") });
    expect(await command("log", "confirm", "--yes")).toMatchObject({ code: 1 });

    await millrace.start();
    await isIn(orchard, null);
    await pledge(orchard, "afterwards");
    await waitForConvergence([orchard, millrace], longMs, () => {});
    expect((await ids(millrace)).filter((id) => all.includes(id))).toEqual(all);
    for (const node of [orchard, millrace]) await shows(node, ["after-1", "after-2", "afterwards", "before"]);
    expect((await command("log")).code).toBe(0);
  });

  it("on another host goes on in a new log, once its operator says so; the right folder put back goes on in the old one", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-own-log-"));
    await using network = await twoPartners(temp.path);
    const { orchard, millrace } = network;
    await pledge(orchard, "before");
    const putBack = await keepOld(orchard);
    await pledge(orchard, "after");
    await waitForConvergence([orchard, millrace], longMs, () => {});
    await orchard.stop();
    const first = orchard.folder.dir;
    putBack();
    renameSync(orchard.stateDir, `${first}-host-a`);
    await orchard.start();
    await isIn(orchard, "peer-has-more");
    await expect(pledge(orchard, "too early")).rejects.toMatchObject({ code: "own-log-unsure" });

    // The folder that was right all along, on its own host.
    await orchard.stop();
    renameSync(first, `${first}-old`);
    renameSync(`${first}-newest`, first);
    moveHost(orchard);
    renameSync(`${first}-host-a`, orchard.stateDir);
    await orchard.start();
    expect(await doubt(orchard)).toBeNull();
    await pledge(orchard, "the right one");
    await waitForConvergence([orchard, millrace], longMs, () => {});
    await orchard.stop();

    renameSync(first, `${first}-newest`);
    renameSync(`${first}-old`, first);
    moveHost(orchard);
    await orchard.start();
    await isIn(orchard, "peer-has-more");
    const before = await ownLog(orchard);
    const command = commandsOf(orchard);
    expect(await command("log", "new")).toMatchObject({
      code: 0,
      out: expect.stringContaining("goes on in log"),
    });
    await pledge(orchard, "in the new log");
    await waitForConvergence([orchard, millrace], longMs, () => {});
    expect((await ownLog(orchard))?.log).not.toBe(before?.log);
    for (const node of [orchard, millrace])
      await shows(node, ["after", "before", "in the new log", "the right one"]);
    // Links, tokens and further starts know the new log.
    await orchard.stop();
    await orchard.start();
    await pledge(orchard, "and again");
    await waitForConvergence([orchard, millrace], longMs, () => {});
  });
});

describe("a node that restarts", { timeout: 240_000 }, () => {
  it("while it is cut off goes on at once", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-own-log-"));
    await using network = await twoPartners(temp.path);
    const { orchard, millrace } = network;
    await pledge(orchard, "before");
    await millrace.kill();
    await orchard.kill();
    await orchard.start();
    await pledge(orchard, "cut off");
    await millrace.start();
    await waitForConvergence([orchard, millrace], longMs, () => {});
    await shows(millrace, ["before", "cut off"]);
  });

  it("on another host asks a partner first; alone it asks its operator", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-own-log-"));
    await using network = await twoPartners(temp.path);
    const { orchard, millrace } = network;
    await pledge(orchard, "before");
    await waitForConvergence([orchard, millrace], longMs, () => {});
    await millrace.stop();
    await orchard.stop();
    moveHost(orchard);
    await orchard.start();
    expect(await doubt(orchard)).toBe("no-fence");
    await expect(pledge(orchard, "too early")).rejects.toMatchObject({ code: "own-log-unsure" });
    await millrace.start();
    await isIn(orchard, null);
    await pledge(orchard, "after a word of Millrace");

    await millrace.stop();
    await orchard.stop();
    moveHost(orchard);
    await orchard.start();
    const command = commandsOf(orchard);
    expect(await command("log", "confirm")).toMatchObject({ code: 2 });
    expect(await command("log", "confirm", "--yes")).toMatchObject({ code: 0 });
    await pledge(orchard, "by the operator's word");
  });
});

describe("a backup", { timeout: 240_000 }, () => {
  it("taken while the node is up is restored with all that partners hold, in a new log", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-own-log-"));
    await using network = await twoPartners(temp.path);
    const { orchard, millrace } = network;
    await pledge(orchard, "before");
    const copy = join(temp.path, "backup");
    const command = commandsOf(orchard);
    const writing = Promise.all(["while-1", "while-2"].map((key) => pledge(orchard, key)));
    expect(await command("backup", copy)).toMatchObject({ code: 0 });
    await writing;
    expect(await command("backup", copy)).toMatchObject({
      code: 2,
      err: expect.stringContaining("exists already"),
    });
    await pledge(orchard, "after");
    await waitForConvergence([orchard, millrace], longMs, () => {});
    const all = await ids(millrace);
    await orchard.kill();
    rmSync(orchard.folder.dir, { recursive: true });
    moveHost(orchard);

    expect(await handfast("--data", orchard.folder.dir, "restore", copy)).toMatchObject({ code: 0 });
    expect(existsSync(join(orchard.folder.dir, "log.db"))).toBe(true);
    await millrace.stop();
    await orchard.start();
    expect(await doubt(orchard)).toBe("copy");
    await expect(pledge(orchard, "too early")).rejects.toMatchObject({ code: "own-log-unsure" });
    expect(await command("log", "new")).toMatchObject({ code: 3 });
    await millrace.start();
    await isIn(orchard, null);
    expect(await command("log", "new")).toMatchObject({ code: 2, err: expect.stringContaining("--yes") });
    // Asked again under its old key: the backup knows it, so it is not done twice.
    await pledge(orchard, "before");
    await pledge(orchard, "afterwards");
    await waitForConvergence([orchard, millrace], longMs, () => {});
    for (const node of [orchard, millrace]) {
      await shows(node, ["after", "afterwards", "before", "while-1", "while-2"]);
      expect((await ids(node)).filter((id) => all.includes(id))).toEqual(all);
    }
    // A backup says what it is wherever it is opened: it never goes on in its log.
    await using straight = demoNode("Orchard", copy, orchard.natsPort);
    await orchard.stop();
    await millrace.stop();
    await straight.start();
    expect(await doubt(straight)).toBe("copy");
  });

  it("of a node alone is restored at once", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-own-log-"));
    await using network = await openDemoNetwork({
      name: "Valley",
      partners: ["Orchard"],
      dir: temp.path,
      say: () => {},
    });
    const [orchard] = network.nodes as readonly [DemoNode];
    await pledge(orchard, "before");
    const copy = join(temp.path, "backup");
    expect(await commandsOf(orchard)("backup", copy)).toMatchObject({ code: 0 });
    await orchard.stop();
    rmSync(orchard.folder.dir, { recursive: true });
    expect(await handfast("--data", orchard.folder.dir, "restore", copy)).toMatchObject({ code: 0 });
    await orchard.start();
    await isIn(orchard, null);
    await pledge(orchard, "afterwards");
    await shows(orchard, ["afterwards", "before"]);
  });
});

describe("keys", { timeout: 240_000 }, () => {
  it("are set anew by the root key, kept apart, by files; and by the next root when the root is lost", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-own-log-"));
    await using network = await twoPartners(temp.path);
    const { orchard, millrace } = network;
    await pledge(orchard, "before");
    const command = commandsOf(orchard);
    const inForce = async () => JSON.parse((await command("--json", "keys")).out) as Record<string, unknown>;
    const first = await inForce();
    expect(first["rootFile"]).toBe(orchard.folder.rootKey);
    // The root key goes to its owner: the node does not need it.
    const [rootFile, request, answer] = ["root.json", "request", "answer"].map((name) =>
      join(temp.path, name),
    ) as [string, string, string];
    renameSync(orchard.folder.rootKey, rootFile);
    expect(await command("keys", "request", "--out", request)).toMatchObject({ code: 0 });
    await expect(pledge(orchard, "meanwhile")).rejects.toMatchObject({ code: "own-log-unsure" });
    expect(await command("log")).toMatchObject({ code: 1, out: expect.stringContaining("keys answer") });
    expect(
      await handfast("keys", "sign", request, "--key", millrace.folder.rootKey, "--out", answer),
    ).toMatchObject({
      code: 2,
    });
    expect(await handfast("keys", "sign", request, "--key", rootFile, "--out", answer)).toMatchObject({
      code: 0,
    });
    expect(await command("keys", "answer", answer)).toMatchObject({ code: 0 });
    await pledge(orchard, "with a new log key");
    const second = await inForce();
    expect(second).toMatchObject({ root: first["root"], rootFile: null });
    expect(second["keys"]).not.toEqual(first["keys"]);

    const [nextFile, next, signed] = ["next-root.json", "next-request", "next-answer"].map((name) =>
      join(temp.path, name),
    ) as [string, string, string];
    const made = await handfast("--json", "keys", "next-root", "--key", rootFile, "--out", nextFile);
    const names = JSON.parse(made.out) as { key: string; next: string };
    const asking = ["keys", "request", "--out", next, "--root", names.key, "--next", names.next];
    expect(await command(...asking)).toMatchObject({ code: 0 });
    expect(await handfast("keys", "sign", next, "--key", rootFile, "--out", signed)).toMatchObject({
      code: 2,
    });
    expect(await handfast("keys", "sign", next, "--key", nextFile, "--out", signed)).toMatchObject({
      code: 0,
    });
    expect(await command("keys", "answer", signed)).toMatchObject({ code: 0 });
    expect(await inForce()).toMatchObject({ root: names.key, next: names.next });
    await pledge(orchard, "under the next root");
    await waitForConvergence([orchard, millrace], longMs, () => {});
    for (const node of [orchard, millrace])
      await shows(node, ["before", "under the next root", "with a new log key"]);

    const bundle = join(temp.path, "bundle");
    expect(await commandsOf(millrace)("audit", "export", bundle)).toMatchObject({ code: 0 });
    const auditor = join(import.meta.dirname, "..", "..", "services", "auditor", "src", "main.ts");
    expect(execFileSync(process.execPath, [auditor, "verify", bundle], { encoding: "utf8" })).toMatch(
      /verified/i,
    );
  });

  it("that were stolen are revoked at the last good size: peers and the auditor follow, over a restart and an older backup", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-own-log-"));
    await using network = await twoPartners(temp.path);
    const { orchard, millrace } = network;
    const command = commandsOf(orchard);
    await pledge(orchard, "good");
    const [root, copy] = [join(temp.path, "root.json"), join(temp.path, "backup")];
    renameSync(orchard.folder.rootKey, root);
    expect(await command("backup", copy)).toMatchObject({ code: 0 });
    const size = (await ownLog(orchard))?.size ?? 0;
    await pledge(orchard, "by the thief");
    let asked = 0;
    const setKeys = async (...flags: readonly string[]): Promise<void> => {
      const [request, answer] = [`request-${++asked}`, `answer-${asked}`].map((name) =>
        join(temp.path, name),
      ) as [string, string];
      for (const args of [
        ["keys", "request", "--out", request, ...flags],
        ["keys", "sign", request, "--key", root, "--out", answer],
        ["keys", "answer", answer],
      ])
        expect(await command(...args), args.join(" ")).toMatchObject({ code: 0 });
    };
    await setKeys("--close-at", String(size));
    await pledge(orchard, "after");
    await orchard.kill();
    await orchard.start();
    await pledge(orchard, "after a restart");
    await waitForConvergence([orchard, millrace], longMs, () => {});

    const auditor = join(import.meta.dirname, "..", "..", "services", "auditor", "src", "main.ts");
    const audit = (...args: readonly string[]) =>
      execFileSync(process.execPath, [auditor, ...args, "--json"], { encoding: "utf8" });
    /** What a node and the auditor say of each commitment: those set aside are told so. */
    const aside = async (node: DemoNode, name: string): Promise<readonly string[]> => {
      const bundle = join(temp.path, name);
      expect(await commandsOf(node)("audit", "export", bundle)).toMatchObject({ code: 0 });
      expect(JSON.parse(audit("verify", bundle))).toMatchObject({ verdict: "verified" });
      return audit("replay", bundle, "--as-of", "2031-01-01")
        .split("\n")
        .filter((line) => line.includes('"aside":"stranded"'))
        .map((line) => (JSON.parse(line) as { externalId: string }).externalId);
    };
    expect(await aside(millrace, "bundle-1")).toEqual(["by the thief"]);

    // The backup holds the replaced key: it takes its history back, and only the root lets it go on.
    await orchard.kill();
    rmSync(orchard.folder.dir, { recursive: true });
    moveHost(orchard);
    expect(await handfast("--data", orchard.folder.dir, "restore", copy)).toMatchObject({ code: 0 });
    await orchard.start();
    await waitForConvergence([orchard, millrace], longMs, () => {});
    await expect(pledge(orchard, "with the replaced key")).rejects.toMatchObject({ code: "own-log-unsure" });
    const refused = await command("log", "new", "--unheard");
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain("root");
    await setKeys();
    await pledge(orchard, "restored");
    await waitForConvergence([orchard, millrace], longMs, () => {});
    for (const node of [orchard, millrace])
      await shows(node, ["after", "after a restart", "by the thief", "good", "restored"]);
    expect(await aside(orchard, "bundle-2")).toEqual(["by the thief"]);
  });
});
