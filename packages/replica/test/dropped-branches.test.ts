// Goal: what is let go of leaves nothing behind. An author that fills the room for waiting entries can have branches begun and dropped at
// once, each naming logs that nobody holds: memory must not grow with them. Method: the room filled, then branch after branch.
import { limits } from "@handfast/protocol/limits";
import { type Author, createAuthor, testCharter, testEpochMs } from "@handfast/testkit/author";
import { leafHash } from "@handfast/tlog/tree";
import { expect, it } from "vitest";
import { nameOfBranch } from "../src/lines.ts";
import { createReplica } from "../src/replica.ts";

const { net, charter } = testCharter("thistle");
const now = testEpochMs + 3_600_000;
/** An entry of a log that nobody holds. */
const nowhere = (index: number): string => `${String(index).padStart(21, "0")}A.3@${"A".repeat(43)}`;

/** Another history of a log, from entry 1 on, that waits for parents which never come. */
function historyOf(log: string, index: number): Author {
  const author = createAuthor(net, "thistle", { log });
  author.write({ parents: [nowhere(index)], x: { index } });
  return author;
}

it("a branch that is dropped for want of room is forgotten, with what it waited for", () => {
  const replica = createReplica({ net, charter });
  const full = createAuthor(net, "thistle");
  full.write({ parents: [nowhere(0)] });
  for (let entry = 1; entry < limits.pendingEntries; entry++) full.write({ x: { entry } });
  replica.receive([full.frame(0, 1), full.frame(1, full.size)], now);
  expect(replica.waiting).toMatchObject({ entries: limits.pendingEntries, logs: 1 });
  const [first] = replica.lines.of(full.log);
  if (first === undefined) throw new Error("not held");
  for (let index = 1; index <= 20; index++) {
    const branch = historyOf(full.log, index);
    replica.receive([branch.frame(1, 2)], now);
    const [header = new Uint8Array()] = branch.frame(1, 2).headers;
    const line = nameOfBranch(first, leafHash(header));
    expect(replica.logs.has(line)).toBe(false);
    expect(replica.pasts.of(line, 1)(full.log)).toBe(-1);
  }
  expect(replica.waiting).toMatchObject({ entries: limits.pendingEntries, logs: 1 });
});
