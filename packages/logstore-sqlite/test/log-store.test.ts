// Goal: the SQLite engine keeps the contract of a log store, in a file of its own and in a database that it shares; and what is
// only its own: entries that nobody can change, a full disk that loses nothing, appends that go with the transaction.
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describeLogStore, headersOf, logNamed } from "@handfast/logstore/contract";
import { openDatabase } from "@handfast/storage/sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { logStoreSchema } from "../src/schema.ts";
import { createSqliteLogStore, openSqliteLogStore } from "../src/sqlite-log-store.ts";

const files = mkdtempDisposableSync(join(tmpdir(), "handfast-logs-"));
afterAll(() => files.remove());
let count = 0;
const newPath = (): string => {
  count += 1;
  return join(files.path, `${count}.db`);
};
const form = { applicationId: 1, version: 1, schema: logStoreSchema };
const [a, b] = [logNamed("A"), logNamed("B")];

describeLogStore("SQLite in a file of its own", async () => {
  const logs = openSqliteLogStore(newPath());
  return { logs, settle: () => {}, [Symbol.asyncDispose]: () => logs[Symbol.asyncDispose]() };
});
describeLogStore("SQLite in a transaction of somebody else", async () => {
  const database = openDatabase(newPath(), form);
  database.begin();
  const settle = (): void => {
    database.settle();
    database.begin();
  };
  return {
    logs: createSqliteLogStore(database, "commit"),
    settle,
    [Symbol.asyncDispose]: async () => database[Symbol.dispose](),
  };
});

describe("a log store on SQLite", () => {
  it("holds after closing what it held before", async () => {
    const path = newPath();
    {
      await using logs = openSqliteLogStore(path);
      await logs.append(a, 0, headersOf("A", 0, 300));
    }
    await using again = openSqliteLogStore(path);
    expect(await again.size(a)).toBe(300);
    expect(await again.append(a, 300, headersOf("A", 300, 301))).toEqual({ ok: true });
  });

  it("has entries that nobody can change or delete", async () => {
    const path = newPath();
    await using logs = openSqliteLogStore(path);
    await logs.append(a, 0, headersOf("A", 0, 1));
    using other = new DatabaseSync(path);
    expect(() => other.exec("UPDATE entries SET header = x'0000'")).toThrow("never changes");
    expect(() => other.exec("DELETE FROM entries")).toThrow("never deleted");
  });

  it("loses nothing when the disk is full, and reads on", async () => {
    const path = newPath();
    await using logs = openSqliteLogStore(path, { maxPages: 30 });
    let size = 0;
    const fill = async (): Promise<void> => {
      for (; ; size += 50) await logs.append(a, size, headersOf("A", size, size + 50));
    };
    await expect(fill()).rejects.toMatchObject({ code: "disk-full", retry: "later" });
    expect(size).toBeGreaterThan(100);
    expect(await logs.size(a)).toBe(size);
    expect(await logs.read(a, 0, 10_000)).toHaveLength(size);
  });

  it("in a transaction forgets what is rolled back, new logs too", async () => {
    using database = openDatabase(":memory:", form);
    const logs = createSqliteLogStore(database, "commit");
    database.begin();
    await logs.append(a, 0, headersOf("A", 0, 2));
    expect(await logs.size(a)).toBe(2);
    database.rollBack();
    expect(await logs.logs()).toEqual([]);
    database.begin();
    await logs.append(b, 0, headersOf("B", 0, 1));
    database.settle();
    expect(await logs.logs()).toEqual([{ log: b, size: 1 }]);
    expect(await logs.size(a)).toBe(0);
  });
});
