// Goal: both forms of the node store keep its contract; a write that was begun in a file of its own is found again as it was;
// a full disk and a damaged segment are told by name.
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { toBytes } from "@handfast/protocol/bytes";
import { segmentEntries } from "@handfast/replica/segment";
import { openDatabase } from "@handfast/storage/sqlite";
import { afterAll, describe, expect, it } from "vitest";
import type { Intent } from "../src/node-store.ts";
import { nodeStoreSchema } from "../src/schema.ts";
import { createSqliteNodeStore, openSqliteNodeStore } from "../src/sqlite-node-store.ts";
import { boundary, describeNodeStore, log, runOf, write } from "./contract.ts";

const files = mkdtempDisposableSync(join(tmpdir(), "handfast-node-store-"));
afterAll(() => files.remove());
let count = 0;
const newPath = (): string => {
  count += 1;
  return join(files.path, `${count}.db`);
};
const form = { applicationId: 1, version: 1, schema: nodeStoreSchema };

describeNodeStore("in a file of its own", () => openSqliteNodeStore(newPath()));
describeNodeStore("in a database that it shares", () =>
  createSqliteNodeStore(openDatabase(newPath(), form), { isSharedWithLogs: true }),
);

describe("a write that was begun and not completed", () => {
  const intent: Intent = {
    runs: [
      runOf("A", 0, 2, {
        payloads: [{ seq: 1, salt: new Uint8Array(32).fill(200), body: toBytes('{"text":"é"}') }],
        lacking: [0],
      }),
      runOf("B", 0, 1, {
        edge: { size: 1, noteSize: 3, note: "note\n", proof: [new Uint8Array(32).fill(5)] },
      }),
    ],
    replies: [{ key: "k".repeat(43), request: "r", reply: "{}", atMs: 5 }],
  };

  it("is found again as it was, until it is completed", () => {
    const path = newPath();
    {
      using node = openSqliteNodeStore(path);
      expect(node.unfinished).toBeNull();
      node.begin(intent);
    }
    for (let times = 0; times < 2; times++) {
      using node = openSqliteNodeStore(path);
      expect(node.unfinished).toEqual(intent);
      expect(node.head).toBe(0);
      node.begin(intent);
    }
    {
      using node = openSqliteNodeStore(path);
      expect(write(node, intent.runs, { replies: intent.replies })).toEqual([1, 3]);
      expect(node.unfinished).toBeNull();
    }
    using node = openSqliteNodeStore(path);
    expect([node.unfinished, node.head]).toEqual([null, 3]);
    expect(node.logs().map(({ edge }) => edge)).toEqual(intent.runs.map(boundary));
  });

  it("leaves nothing in a database that it shares", () => {
    const path = newPath();
    {
      using node = createSqliteNodeStore(openDatabase(path, form), { isSharedWithLogs: true });
      node.begin(intent);
    }
    using node = createSqliteNodeStore(openDatabase(path, form), { isSharedWithLogs: true });
    expect([node.unfinished, node.head]).toEqual([null, 0]);
  });
});

it("has no room in a full database, and loses nothing", () => {
  const path = newPath();
  let size = 0;
  {
    using node = openSqliteNodeStore(path, { maxPages: 60 });
    const body = toBytes(`{"text":"${"t".repeat(3_000)}"}`);
    const fill = (): void => {
      for (; ; size += 1)
        write(node, [
          runOf("A", size, size + 1, { payloads: [{ seq: size, salt: new Uint8Array(32), body }] }),
        ]);
    };
    expect(fill).toThrow(expect.objectContaining({ code: "disk-full" }));
    expect(node.head).toBe(size);
  }
  expect(size).toBeGreaterThan(3);
  using again = openSqliteNodeStore(path);
  expect(again.head).toBe(size);
});

it("tells a damaged segment", () => {
  const path = newPath();
  {
    using node = openSqliteNodeStore(path);
    const segment = {
      hashes: new Uint8Array(segmentEntries * 32),
      ms: new Float64Array(segmentEntries),
      counters: new Uint16Array(segmentEntries),
      base: new Map(),
      learned: new Map(),
    };
    const segments = [{ log: log("A"), index: 0, root: new Uint8Array(32), segment }];
    write(node, [runOf("A", 0, segmentEntries)], { segments });
    expect(node.segment(log("A"), 0)).toEqual(segment);
  }
  using other = new DatabaseSync(path);
  other.exec("UPDATE segments SET body = CAST(substr(body, 1, length(body) - 1) || x'01' AS BLOB)");
  using node = openSqliteNodeStore(path);
  expect(() => node.segment(log("A"), 0)).toThrow(expect.objectContaining({ code: "damaged" }));
});
