// Goal: the database of release 0.1.0 is taken over once, after every log was verified by its own root, with progress; what does not
// verify is refused, and stays as it was. Method: the log.db of a kept data folder, whole and altered.

import { chmodSync, copyFileSync, cpSync, existsSync, mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { networkIdOf, parseCharter } from "@handfast/protocol/charter";
import { describe, expect, it } from "vitest";
import { createEndpoints } from "../src/endpoints.ts";
import { openLedger } from "../src/ledger.ts";
import { openStores } from "../src/stores.ts";
import { append, draft, taken } from "./node.ts";

const kept = join(import.meta.dirname, "..", "..", "..", "test", "history", "release-0.1.0");
const charter = new Uint8Array(readFileSync(join(kept, "charter.json")));
const parsed = parseCharter(charter);
if (!parsed.ok) throw new Error(parsed.detail);
const takenOver = { net: networkIdOf(charter), charter: parsed.value };

function copy() {
  const folder = mkdtempDisposableSync(join(tmpdir(), "handfast-old-"));
  const dir = join(folder.path, "data");
  cpSync(join(kept, "keys"), join(dir, "keys"), { recursive: true });
  // A checkout cannot keep that they are for their owner only.
  for (const name of ["log.json", "witness.json"]) chmodSync(join(dir, "keys", name), 0o600);
  for (const name of ["log.db", "fence"]) copyFileSync(join(kept, name), join(dir, name));
  // Copies of one folder on one host would know of each other.
  return { dir, stateDir: join(folder.path, "state"), [Symbol.dispose]: () => folder.remove() };
}
const versionOf = (dir: string): unknown => {
  using database = new DatabaseSync(join(dir, "log.db"), { readOnly: true });
  return database.prepare("PRAGMA user_version").get()?.["user_version"];
};

describe("the database of release 0.1.0", () => {
  it("is taken over once, with progress, and nothing of it changes", async () => {
    using folder = copy();
    const { dir } = folder;
    const before = entriesOf(dir);
    const reports: [number, number][] = [];
    {
      await using stores = openStores(join(dir, "log.db"), {
        network: takenOver,
        onTakeOver: (done, all) => reports.push([done, all]),
      });
      expect(stores.node.head).toBe(35);
    }
    expect(reports.at(-1)).toEqual([35, 35]);
    expect(versionOf(dir)).toBe(2);
    expect(entriesOf(dir)).toEqual(before);
    const again: number[] = [];
    await using stores = openStores(join(dir, "log.db"), { onTakeOver: (done) => again.push(done) });
    expect(again).toEqual([]);
    expect(stores.node.head).toBe(35);
  });

  it("goes on: what is read, what heads there are, what is appended", async () => {
    using folder = copy();
    await using ledger = await openLedger({ dir: folder.dir, stateDir: folder.stateDir, charter });
    const endpoints = createEndpoints(ledger);
    const { entries, head } = await endpoints.read({ after: 0, limit: 100 });
    expect([entries.length, head]).toEqual([35, 35]);
    // Pasts and heads are those that a ledger computes which receives the entries one by one.
    const pasts = new Map<string, Map<string, number>>();
    for (const { header, past } of entries) {
      const { log, seq, parents } = JSON.parse(header) as { log: string; seq: number; parents: string[] };
      const known = pasts.get(log) ?? new Map<string, number>();
      for (const [other, upTo] of Object.entries(past)) known.set(other, upTo);
      pasts.set(log, known);
      for (const parent of parents)
        expect(known.get(parent.slice(0, 22)) ?? -1, `${log}.${seq}`).toBeGreaterThanOrEqual(
          Number(parent.slice(23, parent.indexOf("@"))),
        );
    }
    const { net } = ledger.identity;
    const { subjects } = endpoints.subjectHeads({ subjects: [net] });
    expect(subjects[0]?.heads.length).toBeGreaterThan(0);
    const relied = [{ subject: net, heads: subjects[0]?.heads ?? [] }];
    // Release 0.1.0 kept its fence in the folder: a node without links goes on, and this host vouches for it from then on.
    expect(await ledger.rounds.append(append([draft()]))).toMatchObject({ code: "own-log-unsure" });
    await ledger.assurance.hear({ links: 0, peers: [], isSettled: true });
    taken(await ledger.rounds.append(append([draft()], { expect: relied })));
    expect(existsSync(join(folder.dir, "fence"))).toBe(false);
  });

  it("waits for a peer where it has links", async () => {
    using folder = copy();
    await using ledger = await openLedger({ dir: folder.dir, stateDir: folder.stateDir, charter });
    await ledger.assurance.hear({ links: 1, peers: [], isSettled: true });
    expect(ledger.assurance.doubt).toEqual({ code: "no-fence" });
    const { log, partner } = ledger.identity;
    await ledger.assurance.hear({
      links: 1,
      peers: [{ skewMs: null, partner, heads: [{ log, size: 1 }] }],
      isSettled: true,
    });
    expect(ledger.assurance.doubt).toBeNull();
  });

  it.each([
    [
      "one bit of an entry",
      "UPDATE entries SET header = CAST(replace(CAST(header AS TEXT), '\"v\":1', '\"v\":7') AS BLOB) WHERE id = (SELECT min(id) + 3 FROM entries)",
    ],
    ["an entry", "DELETE FROM entries WHERE id = (SELECT min(id) + 3 FROM entries)"],
    ["a checkpoint", "UPDATE checkpoints SET note = replace(note, 'a', 'b')"],
  ])("is refused when the disk has changed %s, and stays as it was", async (_what, sql) => {
    using folder = copy();
    {
      using database = new DatabaseSync(join(folder.dir, "log.db"));
      database.exec(
        `PRAGMA foreign_keys = OFF; DROP TRIGGER entries_never_change; DROP TRIGGER entries_are_never_deleted; ${sql}`,
      );
    }
    for (let times = 0; times < 2; times++)
      await expect(openLedger({ dir: folder.dir, stateDir: folder.stateDir, charter })).rejects.toMatchObject(
        {
          code: "fatal",
          exitCode: 70,
        },
      );
    expect(versionOf(folder.dir)).toBe(1);
  });
});

function entriesOf(dir: string): unknown[] {
  using database = new DatabaseSync(join(dir, "log.db"), { readOnly: true });
  return database.prepare("SELECT id, header FROM entries ORDER BY id").all();
}
