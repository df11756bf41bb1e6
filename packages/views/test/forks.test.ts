// Goal: the read model keeps both histories of a log apart, reads every ref as the entry that is meant, and knows from where on the log
// is in doubt, also when it is opened again. Method: entries as the ledger hands them out, in a real file.
import type { LedgerEntry } from "@handfast/api/messages/ledger";
import { branchNameOf, hashOf } from "@handfast/protocol/ids";
import { type Author, createAuthor, testCharter, testEpochMs } from "@handfast/testkit/author";
import { describe, expect, it } from "vitest";
import { openStore } from "../src/store.ts";
import { openTestStore } from "./open-store.ts";

const { net, charter } = testCharter("orchard", "millrace");
const text = new TextDecoder();

function story() {
  const [millrace, other, orchard] = [
    createAuthor(net, "millrace"),
    createAuthor(net, "millrace"),
    createAuthor(net, "orchard"),
  ];
  millrace.write({ type: "challenge.shared" });
  other.write({ type: "challenge.shared", x: { externalId: "2" } });
  const branch = branchNameOf(millrace.log, millrace.log, hashOf(other.ref(1)));
  const at = [testEpochMs + 9, 0] as const;
  orchard.write({
    type: "challenge.acknowledged",
    subject: `${millrace.log}.1`,
    parents: [other.ref(1)],
    at: [...at],
  });
  let position = 0;
  const entry = (author: Author, seq: number, more: Partial<LedgerEntry> = {}): LedgerEntry => {
    position += 1;
    const past = {};
    return { position, header: text.decode(author.bytes(seq)), hash: hashOf(author.ref(seq)), past, ...more };
  };
  const about = { [`${millrace.log}.1`]: `${branch}.1` };
  const entries = [
    entry(millrace, 0),
    entry(orchard, 0),
    entry(millrace, 1),
    entry(other, 1, { line: branch, past: { [millrace.log]: 0 } }),
    entry(orchard, 1, { past: { [millrace.log]: 0, [branch]: 1 }, names: about }),
  ];
  return { millrace, orchard, branch, entries };
}

describe("a log with two histories in the read model", () => {
  it("has things of both, each with what is said about it", () => {
    const { millrace, orchard, branch, entries } = story();
    using test = openTestStore({ net, charter, partners: [orchard, millrace] });
    test.store.take({ entries, head: entries.length }, new Map());
    test.store.save();
    const again = openStore(test.database, test.owner);
    for (const { facts } of [test.store, again]) {
      expect(facts.forkedFrom(millrace.log)).toBe(1);
      expect(facts.forkedFrom(orchard.log)).toBeUndefined();
      expect(facts.fact(`${branch}.1`)).toMatchObject({ log: branch, branchOf: millrace.log, seq: 1 });
      expect(facts.factsOf(`${branch}.1`).map(({ ref }) => ref)).toEqual([`${branch}.1`, `${orchard.log}.1`]);
      expect(facts.factsOf(`${millrace.log}.1`).map(({ ref }) => ref)).toEqual([`${millrace.log}.1`]);
      const acknowledged = facts.fact(`${orchard.log}.1`);
      expect(acknowledged?.names).toBe(`${branch}.1`);
      expect([acknowledged?.past(branch), acknowledged?.past(millrace.log)]).toEqual([1, 0]);
    }
  });
});
