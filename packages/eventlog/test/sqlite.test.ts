// Goal: the SQLite engine keeps the contract, in a file and in memory; and what is only its own: files nobody else may read,
// entries nobody can change, a full disk that loses nothing, one process a folder, and a fence that tells a restored copy.
import { mkdtempDisposableSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { openFence, readFence } from "../src/fence.ts";
import { lockFolder } from "../src/lock.ts";
import { openSqliteEventLog } from "../src/sqlite.ts";
import { batchOf, describeEventLog, sealing } from "./contract.ts";

const folder = () => mkdtempDisposableSync(join(tmpdir(), "handfast-eventlog-"));
const files = folder();
afterAll(() => files.remove());
let count = 0;

describeEventLog("SQLite in memory", async () => openSqliteEventLog(":memory:"));
describeEventLog("SQLite in a file", async () => {
  count += 1;
  return openSqliteEventLog(join(files.path, `${count}.db`));
});

describe("a SQLite event log", () => {
  it("holds after closing what it held before", async () => {
    using dir = folder();
    const path = join(dir.path, "log.db");
    {
      await using events = openSqliteEventLog(path);
      await events.append([batchOf("A", 0, 300), batchOf("B", 0, 2)], { seal: sealing });
    }
    await using again = openSqliteEventLog(path);
    expect(again.head).toBe(302);
    expect(await again.append([batchOf("B", 2, 3)], { seal: sealing })).toEqual([303]);
    expect((await again.logs()).map(({ edge }) => edge.note)).toEqual(["A300", "B3"]);
  });

  it("lets nobody else read its files", async () => {
    using dir = folder();
    await using events = openSqliteEventLog(join(dir.path, "log.db"));
    await events.append([batchOf("A", 0, 1)], { seal: sealing });
    for (const name of ["log.db", "log.db-wal", "log.db-shm"])
      expect(statSync(join(dir.path, name)).mode & 0o077).toBe(0);
  });

  it("has entries that nobody can change or delete", async () => {
    using dir = folder();
    const path = join(dir.path, "log.db");
    await using events = openSqliteEventLog(path);
    await events.append([batchOf("A", 0, 1)], { seal: sealing });
    using other = new DatabaseSync(path);
    expect(() => other.exec("UPDATE entries SET header = x'0000'")).toThrow("never changes");
    expect(() => other.exec("DELETE FROM entries")).toThrow("never deleted");
  });

  it.each([
    [
      "another program's database",
      (path: string) => new DatabaseSync(path).exec("PRAGMA application_id = 7; CREATE TABLE t (c)"),
    ],
    [
      "a newer version's",
      (path: string) => new DatabaseSync(path).exec("PRAGMA user_version = 9; CREATE TABLE t (c)"),
    ],
    ["no database at all", (path: string) => writeFileSync(path, "hello ".repeat(1_000))],
  ])("refuses %s", (_what, make) => {
    using dir = folder();
    const path = join(dir.path, "log.db");
    make(path);
    expect(() => openSqliteEventLog(path)).toThrow(expect.objectContaining({ code: "unusable" }));
  });

  it("loses nothing when the disk is full, reads on, and goes on when there is room", async () => {
    using dir = folder();
    const path = join(dir.path, "log.db");
    let size = 0;
    {
      await using events = openSqliteEventLog(path, { maxPages: 60 });
      const fill = async (): Promise<void> => {
        for (;;) {
          await events.append([batchOf("A", size, size + 50)], { seal: sealing });
          size += 50;
        }
      };
      await expect(fill()).rejects.toMatchObject({ code: "disk-full", retry: "later" });
      expect(size).toBeGreaterThan(100);
      expect(await events.hasRoom()).toBe(false);
      expect(events.head).toBe(size);
      expect(await events.range(`${"A".repeat(22)}`, 0, 10_000)).toHaveLength(size);
    }
    await using again = openSqliteEventLog(path);
    expect(await again.hasRoom()).toBe(true);
    expect(again.head).toBe(size);
    await again.append([batchOf("A", size, size + 1)], { seal: sealing });
  });

  it("goes no further when nobody knows what is on disk", async () => {
    using dir = folder();
    const path = join(dir.path, "log.db");
    await using events = openSqliteEventLog(path);
    await events.append([batchOf("A", 0, 1)], { seal: sealing });
    // A table that is gone is a stand-in for any error of SQLite that is not a full disk.
    {
      using other = new DatabaseSync(path);
      other.exec("DROP TABLE replies");
    }
    const reply = { key: "A".repeat(43), request: "", reply: "", atMs: 1 };
    const append = () => events.append([batchOf("A", 1, 2)], { seal: sealing, replies: [reply] });
    await expect(append()).rejects.toMatchObject({ code: "outcome-unknown", retry: "never" });
    await expect(events.append([batchOf("A", 1, 2)], { seal: sealing })).rejects.toMatchObject({
      code: "outcome-unknown",
    });
    expect(await events.range("A".repeat(22), 0, 9)).toHaveLength(1);
  });
});

describe("the lock of a folder", () => {
  it("is held by one only, and free again afterwards", () => {
    using dir = folder();
    {
      using _held = lockFolder(dir.path);
      expect(() => lockFolder(dir.path)).toThrow(expect.objectContaining({ code: "locked" }));
    }
    using _again = lockFolder(dir.path);
  });
});

describe("the head fence", () => {
  it("says where the log was, in one line of one size", async () => {
    using dir = folder();
    const path = join(dir.path, "fence");
    expect(readFence(path)).toBeNull();
    const post = { log: "A".repeat(22), size: 12_345, root: new Uint8Array(32).fill(3) };
    {
      await using fence = openFence(path, (error) => expect.fail(error.message));
      fence.set({ ...post, size: 2 ** 53 - 1 });
      fence.set(post);
      expect(readFence(path)).toEqual(post);
    }
    expect(readFence(path)).toEqual(post);
    expect(readFileSync(path)).toHaveLength(128);
    writeFileSync(path, "handfast/fence/v1 nonsense");
    expect(readFence(path)).toBe("torn");
  });
});
