// Goal: a start believes nothing: one process a folder, no stored byte that was not signed; and what
// fails while running is told apart: no room loses nothing and ends by itself, doubt stops everything.

import { spawnSync } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { toBytes } from "@handfast/protocol/bytes";
import { createAuthor, testKey } from "@handfast/testkit/author";
import { testStateDir } from "@handfast/testkit/state-folder";
import { describe, expect, it } from "vitest";
import { createEndpoints } from "../src/endpoints.ts";
import { openLedger } from "../src/ledger.ts";
import { initLedger, readIdentity } from "../src/service.ts";
import { openStores } from "../src/stores.ts";
import { append, draft, ledgerFolder, network, startMs, type TestFolder, taken } from "./node.ts";

const init = (dir: string) => ({
  dir,
  stateDir: testStateDir(),
  charterBytes: network.bytes,
  name: "orchard",
  root: testKey("orchard root"),
  nextRootHash: "A".repeat(43),
  now: () => startMs,
});

/** Changes the database of a stopped ledger behind everyone's back. */
function tamper(folder: TestFolder, sql: string): void {
  using database = new DatabaseSync(join(folder.dir, "log.db"));
  database.exec(`DROP TRIGGER entries_never_change; DROP TRIGGER entries_are_never_deleted; ${sql}`);
}

async function write(folder: TestFolder, count: number): Promise<void> {
  await using ledger = await folder.open();
  for (let done = 0; done < count; done++) taken(await ledger.rounds.append(append([draft()])));
}

describe("a beginning", () => {
  it("makes keys that nobody else can read, and says who writes there", async () => {
    using folder = await ledgerFolder();
    for (const name of ["keys/log.json", "keys/witness.json", "log.db", "fence-tag", "lock.db"])
      expect(statSync(join(folder.dir, name)).mode & 0o077, name).toBe(0);
    const identity = readIdentity(folder.dir);
    expect(identity).toMatchObject({ net: network.net, name: "orchard" });
    await using ledger = await folder.open();
    expect(ledger.identity).toEqual(identity);
  });

  it("is refused where there is a log already, and done again where one was interrupted", async () => {
    using folder = await ledgerFolder();
    await expect(initLedger(init(folder.dir))).rejects.toMatchObject({ code: "exists", exitCode: 2 });
    rmSync(join(folder.dir, "log.db"));
    await initLedger(init(folder.dir));
    await write(folder, 1);
  });

  it("is needed", async () => {
    using folder = await ledgerFolder();
    rmSync(join(folder.dir, "keys/log.json"));
    await expect(folder.open()).rejects.toMatchObject({ code: "not-there" });
  });
});

describe("a start", () => {
  it("goes on where it stopped", async () => {
    using folder = await ledgerFolder();
    await write(folder, 5);
    await write(folder, 5);
    await using ledger = await folder.open();
    expect(ledger.stores.node.head).toBe(11);
  });

  it("is refused while another process has the folder", async () => {
    using folder = await ledgerFolder();
    await using _ledger = await folder.open();
    const script = `import { openLedger } from ${JSON.stringify(join(import.meta.dirname, "../src/ledger.ts"))};
      await openLedger({ dir: ${JSON.stringify(folder.dir)}, stateDir: process.env.HANDFAST_STATE_DIR, charter: new Uint8Array(${JSON.stringify([...network.bytes])}) })
        .catch((error) => { console.log(error.code); process.exit(error.exitCode); });`;
    const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
    });
    expect([child.stdout.trim(), child.status]).toEqual(["locked", 73]);
  });

  it.each([
    [
      "one bit of an entry",
      "UPDATE entries SET header = CAST(replace(CAST(header AS TEXT), 'orchard', 'orcharc') AS BLOB) WHERE id = 0",
    ],
    [
      "the order of two entries",
      "UPDATE entries SET id = -1 WHERE id = 1; UPDATE entries SET id = 1 WHERE id = 2; UPDATE entries SET id = 2 WHERE id = -1",
    ],
    ["the last entry", "DELETE FROM entries WHERE id = 3"],
  ])("is refused when the disk has changed %s", async (_what, sql) => {
    using folder = await ledgerFolder();
    await write(folder, 3);
    tamper(folder, `PRAGMA foreign_keys = OFF; ${sql}`);
    await expect(folder.open()).rejects.toThrow();
  });

  it("is refused with another network's charter", async () => {
    using folder = await ledgerFolder();
    const charter = toBytes(new TextDecoder().decode(network.bytes).replace("Valley", "Hollow"));
    await expect(openLedger({ dir: folder.dir, stateDir: testStateDir(), charter })).rejects.toMatchObject({
      code: "unusable",
    });
  });
});

describe("a full disk", () => {
  it("loses nothing that was acknowledged, is told, and lets reading go on", async () => {
    using folder = await ledgerFolder();
    const refs: string[] = [];
    {
      await using ledger = await folder.open({
        openStores: (path) => openStores(path, { maxPages: 100 }),
      });
      const { rounds, stores } = ledger;
      const body = { text: "t".repeat(3_000) };
      let reply = await rounds.append(append([draft({ body })]));
      for (; reply.ok; reply = await rounds.append(append([draft({ body })]))) refs.push(...reply.refs);
      expect(reply).toMatchObject({ code: "disk-full" });
      expect(await rounds.append(append([draft()]))).toMatchObject({ ok: false, code: "disk-full" });
      expect(rounds.writing).toBe("disk-full");
      expect(stores.node.head).toBe(1 + refs.length);
      expect((await createEndpoints(ledger).read({ after: 0, limit: 1_000 })).entries).toHaveLength(
        1 + refs.length,
      );
    }
    await using again = await folder.open();
    const { entries } = await createEndpoints(again).read({ after: 1, limit: 1_000 });
    expect(entries.map(({ hash }) => hash)).toEqual(refs.map((ref) => ref.slice(ref.indexOf("@") + 1)));
    taken(await again.rounds.append(append([draft()])));
  });
});

describe("a write whose outcome nobody knows", () => {
  it("stops the ledger for good, and the next start finds a whole log", async () => {
    using folder = await ledgerFolder();
    await write(folder, 2);
    {
      await using ledger = await folder.open();
      // A trigger that objects stands for any error of the database but a full disk.
      using other = new DatabaseSync(join(folder.dir, "log.db"));
      other.exec("CREATE TRIGGER objects BEFORE INSERT ON arrivals BEGIN SELECT RAISE(ABORT, 'no'); END");
      expect(await ledger.rounds.append(append([draft()]))).toEqual({ ok: false, code: "outcome-unknown" });
      expect(await ledger.rounds.fatal).toMatchObject({ code: "fatal", exitCode: 70 });
      expect(await ledger.rounds.append(append([draft()]))).toEqual({ ok: false, code: "fatal" });
      expect((await createEndpoints(ledger).read({ after: 0, limit: 9 })).entries).toHaveLength(3);
      other.exec("DROP TRIGGER objects");
    }
    await using again = await folder.open();
    expect(again.stores.node.head).toBe(3);
    taken(await again.rounds.append(append([draft()])));
  });
});

describe("bytes that the disk changed on the way", () => {
  it.each(["own", "foreign"])("are never signed or taken: %s", async (whose) => {
    using folder = await ledgerFolder();
    const millrace = createAuthor(network.net, "millrace");
    {
      await using ledger = await folder.open();
      using other = new DatabaseSync(join(folder.dir, "log.db"));
      other.exec(`DROP TRIGGER entries_never_change; CREATE TRIGGER spoils AFTER INSERT ON entries BEGIN
        UPDATE entries SET header = CAST(replace(CAST(header AS TEXT), '"v":1', '"v":7') AS BLOB) WHERE id = NEW.id; END`);
      const write = () => ledger.rounds.append(append([draft()]));
      const take = () => ledger.rounds.ingest(millrace.frame(0, 1), 1);
      expect(await (whose === "own" ? write() : take())).toMatchObject({ ok: false });
      expect(await ledger.rounds.fatal).toMatchObject({ code: "fatal" });
      expect(ledger.stores.node.head).toBe(1);
      other.exec("DROP TRIGGER spoils");
    }
    await using again = await folder.open();
    expect(again.stores.node.head).toBe(1);
  });
});
