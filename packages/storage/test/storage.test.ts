// Goal: a SQLite file of ours is opened with every setting that matters, or refused by the right name; what fails while it is
// open is told apart; one process a folder; a fence that tells a restored copy. Method: real files, damaged by hand.
import {
  closeSync,
  copyFileSync,
  mkdtempDisposableSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openFence, readFence } from "../src/fence.ts";
import { lockFolder } from "../src/lock.ts";
import { type DatabaseForm, openDatabase } from "../src/sqlite.ts";

const folder = () => mkdtempDisposableSync(join(tmpdir(), "handfast-storage-"));
const form: DatabaseForm = {
  applicationId: 4_711,
  version: 2,
  schema: "CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",
};
const pageBytes = 4_096;

/** Writes nonsense over whole pages of a closed database. */
function flipPages(path: string, from: number, to: number): void {
  const file = openSync(path, "r+");
  for (let page = from; page < to; page++)
    writeSync(file, Buffer.alloc(pageBytes, 0xa5), 0, pageBytes, page * pageBytes);
  closeSync(file);
}

describe("a database", () => {
  it("holds after closing what it held before, in files that nobody else can read", () => {
    using dir = folder();
    const path = join(dir.path, "a.db");
    {
      using database = openDatabase(path, form);
      expect(database.foundVersion).toBe(0);
      database.write(() => database.writing.exec("INSERT INTO things VALUES (1, 'one')"));
      for (const name of ["a.db", "a.db-wal", "a.db-shm"])
        expect(statSync(join(dir.path, name)).mode & 0o077).toBe(0);
    }
    using again = openDatabase(path, form);
    expect(again.foundVersion).toBe(2);
    expect(again.reading.prepare("SELECT text FROM things").all()).toEqual([{ text: "one" }]);
    expect(() => again.reading.exec("DELETE FROM things")).toThrow("readonly");
  });

  it("is brought up to its version once, whole or not at all", () => {
    using dir = folder();
    const path = join(dir.path, "a.db");
    openDatabase(path, { ...form, version: 1 })[Symbol.dispose]();
    const upgrade = (database: DatabaseSync, from: number) => {
      database.exec(`INSERT INTO things VALUES (${from}, 'was')`);
    };
    const failing: DatabaseForm = {
      ...form,
      upgrade: (database, from) => {
        upgrade(database, from);
        throw new Error("interrupted");
      },
    };
    expect(() => openDatabase(path, form)).toThrow(expect.objectContaining({ code: "unusable" }));
    expect(() => openDatabase(path, failing)).toThrow("interrupted");
    for (let times = 0; times < 2; times++) {
      using database = openDatabase(path, { ...form, upgrade });
      expect(database.reading.prepare("SELECT id FROM things").all()).toEqual([{ id: 1 }]);
    }
  });

  it.each([
    [
      "another program's database",
      (path: string) => new DatabaseSync(path).exec("PRAGMA application_id = 7; CREATE TABLE t (c)"),
    ],
    [
      "a newer version's",
      (path: string) =>
        new DatabaseSync(path).exec(
          "PRAGMA application_id = 4711; PRAGMA user_version = 9; CREATE TABLE t (c)",
        ),
    ],
    ["a file that is not a database", (path: string) => writeFileSync(path, "hello ".repeat(1_000))],
  ])("refuses %s", (_what, make) => {
    using dir = folder();
    const path = join(dir.path, "a.db");
    make(path);
    expect(() => openDatabase(path, form)).toThrow(expect.objectContaining({ code: "unusable" }));
  });

  it("that is full loses nothing, is told so, and goes on when there is room", () => {
    using dir = folder();
    const path = join(dir.path, "a.db");
    let rows = 0;
    {
      using database = openDatabase(path, form, { maxPages: 20 });
      const insert = database.writing.prepare("INSERT INTO things (text) VALUES (?)");
      const fill = () => {
        for (;;) {
          database.write(() => insert.run("x".repeat(1_000)));
          rows += 1;
        }
      };
      expect(fill).toThrow(expect.objectContaining({ code: "disk-full", retry: "later" }));
    }
    using again = openDatabase(path, form);
    expect(rows).toBeGreaterThan(20);
    expect(again.reading.prepare("SELECT count(*) AS count FROM things").get()).toEqual({ count: rows });
    again.write(() => again.writing.exec("INSERT INTO things (text) VALUES ('more')"));
  });

  it("goes no further after an error of SQLite that says nothing about the disk", () => {
    using database = openDatabase(":memory:", form);
    const bad = () => database.write(() => database.writing.exec("INSERT INTO things VALUES (1, NULL)"));
    expect(bad).toThrow(expect.objectContaining({ code: "outcome-unknown", retry: "never" }));
    expect(() => database.write(() => 1)).toThrow(expect.objectContaining({ code: "outcome-unknown" }));
  });

  it("takes back what fails in the middle, and passes its fault on", () => {
    using database = openDatabase(":memory:", form);
    const failing = () =>
      database.write(() => {
        database.writing.exec("INSERT INTO things VALUES (1, 'one')");
        throw new RangeError("no");
      });
    expect(failing).toThrow(RangeError);
    expect(database.write(() => database.writing.prepare("SELECT * FROM things").all())).toEqual([]);
  });

  it("with pages that somebody else wrote is damaged: at its opening, in a read, in a write", () => {
    using dir = folder();
    const path = join(dir.path, "a.db");
    {
      using database = openDatabase(path, form);
      database.write(() => {
        for (let id = 0; id < 2_000; id++)
          database.writing.prepare("INSERT INTO things VALUES (?, ?)").run(id, "x".repeat(200));
      });
    }
    const copy = join(dir.path, "b.db");
    const pages = statSync(path).size / pageBytes;
    copyFileSync(path, copy);
    flipPages(copy, 0, 1);
    expect(() => openDatabase(copy, form)).toThrow(expect.objectContaining({ code: "unusable" }));
    copyFileSync(path, copy);
    flipPages(copy, 2, pages);
    const damaged = expect.objectContaining({ code: "damaged", message: expect.stringContaining("b.db") });
    using database = openDatabase(copy, form);
    expect(() => database.read(() => database.reading.prepare("SELECT text FROM things").all())).toThrow(
      damaged,
    );
    expect(() =>
      database.write(() => database.writing.exec("UPDATE things SET text = 'y' WHERE id = 1000")),
    ).toThrow(damaged);
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
  const post = { log: "A".repeat(22), size: 12_345, root: new Uint8Array(32).fill(3) };
  const binding = { tag: "tag", place: "place" };

  it("says where the log was, and which folder it was tied to, also to the next start", async () => {
    using dir = folder();
    const path = join(dir.path, "state", "fence");
    expect(readFence(path)).toBeNull();
    {
      await using fence = openFence(path, binding);
      await fence.set({ ...post, size: 2 ** 53 - 1 });
      await fence.set(post);
      expect(readFence(path)).toEqual({ ...post, ...binding });
    }
    await using again = openFence(path, { ...binding, tag: "another" });
    await again.set({ ...post, size: 12_346 });
    expect(readFence(path)).toEqual({ ...post, size: 12_346, ...binding, tag: "another" });
    expect(statSync(path).size).toBe(1_024);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it("puts posts that wait for the disk together in one sync, and the last of them on the disk", async () => {
    using dir = folder();
    const path = join(dir.path, "fence");
    await using fence = openFence(path, binding);
    await Promise.all(Array.from({ length: 100 }, (_, size) => fence.set({ ...post, size })));
    expect(readFence(path)).toMatchObject({ size: 99 });
    // The first, and what gathered behind it: all others were never written.
    expect(readFileSync(path, "latin1")).toContain(` 0 ${post.log} 0 `);
  });

  it("survives the loss of either half, and says so when both are lost", async () => {
    using dir = folder();
    const path = join(dir.path, "fence");
    {
      await using fence = openFence(path, binding);
      for (const size of [7, 8]) await fence.set({ ...post, size });
    }
    const whole = readFileSync(path);
    const torn = (slot: number): void => {
      const bytes = Buffer.from(whole);
      bytes.fill("x", slot * 512 + 20, slot * 512 + 40);
      writeFileSync(path, bytes);
    };
    torn(1);
    expect(readFence(path)).toMatchObject({ size: 7 });
    torn(0);
    expect(readFence(path)).toMatchObject({ size: 8 });
    writeFileSync(path, "handfast/fence/v2 nonsense");
    expect(readFence(path)).toBe("torn");
  });
});
