// Goal: a data folder of release 0.1.0 opens: its history is taken over once, nothing of it changes, and the node goes on in it.
// Method: a copy of a kept folder under today's node; what it exports beside what 0.1.0 exported.
import { chmodSync, cpSync, globSync, mkdtempDisposableSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { demoNode } from "@handfast/handfast/demo/node";
import { expect, it } from "vitest";

const kept = join(import.meta.dirname, "release-0.1.0");
const headersIn = (bundle: string): string[] =>
  bundle.split("\n").filter((line) => line.startsWith('{"at":'));
const payloadsIn = (bundle: string): string[] =>
  bundle.split("\n").filter((line) => line.startsWith('{"body":'));

it("a folder of release 0.1.0 is taken over with all it holds, once, and goes on", {
  timeout: 480_000,
}, async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-old-"));
  const dir = join(temp.path, "orchard");
  cpSync(kept, dir, { recursive: true });
  // What a checkout cannot keep: these files are for their owner only.
  for (const path of globSync("**", { cwd: dir }).map((name) => join(dir, name)))
    chmodSync(path, statSync(path).isDirectory() ? 0o700 : 0o600);

  const old = readFileSync(join(kept, "audit.hfbundle"), "utf8");
  expect([headersIn(old).length, payloadsIn(old).length]).toEqual([35, 25]);
  await using node = demoNode("Orchard", dir, 0);
  const bundle = async (): Promise<string> => {
    const path = join(temp.path, "audit.hfbundle");
    await node.api.exportBundle(path, true, () => {});
    return readFileSync(path, "utf8");
  };
  await node.start();
  const today = await bundle();
  expect(headersIn(today)).toEqual(headersIn(old));
  expect(payloadsIn(today)).toEqual(payloadsIn(old));
  const things = await node.api.list("/v1/commitments", {});
  expect(things.length).toBeGreaterThan(0);

  // This host never saw the folder, and its partners are out of reach: the operator vouches for it.
  await node.api.confirmLog();
  await node.api.command("commitment.pledge", {
    on: null,
    idempotencyKey: "after",
    body: { act: "pledge", title: "Goes on", externalId: "after", due: "2031-01-01" },
  });
  await node.stop();
  using database = new DatabaseSync(join(dir, "log.db"), { readOnly: true });
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 2 });
  await node.start();
  expect(headersIn(await bundle()).slice(0, 35).length).toBe(35);
  expect(await node.api.list("/v1/commitments", {})).toHaveLength(things.length + 1);
  await node.stop();
});
