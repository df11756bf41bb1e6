// Goal: `log.seq` means the same entry to every node, whichever history of the log it held first: the one that the naming author knew
// first; where it learned of two at once, none. Method: two replicas that heard of the histories in opposite order.

import { toB64u } from "@handfast/protocol/bytes";
import { hashOf, pin } from "@handfast/protocol/ids";
import { type Author, createAuthor, testCharter, testEpochMs } from "@handfast/testkit/author";
import { describe, expect, it } from "vitest";
import { meaningOf, namesIn, namingOf } from "../src/naming.ts";
import { createReplica, type HeldLog, type Replica } from "../src/replica.ts";

const { net, charter } = testCharter("orchard", "millrace", "ferry", "thistle");
const now = testEpochMs + 3_600_000;

const [first, second] = [createAuthor(net, "thistle"), createAuthor(net, "thistle")];
first.write({ x: { history: 1 } });
second.write({ x: { history: 2 } });
const [orchard, millrace, ferry] = ["orchard", "millrace", "ferry"].map((name) =>
  createAuthor(net, name),
) as [Author, Author, Author];
const at = (ms: number): [number, number] => [testEpochMs + ms, 0];
millrace.write({ at: at(10), parents: [second.ref(1)] });
orchard.write({ at: at(11), parents: [first.ref(1)] });
orchard.write({ at: at(12), parents: [millrace.ref(1)] });
ferry.write({ at: at(13), parents: [first.ref(1), millrace.ref(1)].sort() });

function heard(histories: readonly Author[]): Replica {
  const replica = createReplica({ net, charter });
  for (const author of [...histories, millrace, orchard, ferry]) {
    replica.receive([author.frame(0, 1)], now);
    replica.receive([author.frame(1, author.size)], now);
  }
  return replica;
}

describe.each([
  ["the first history", [first, second]],
  ["the second history", [second, first]],
])("a ref into a forked log, at a node that heard %s first", (_what, histories) => {
  const replica = heard(histories);
  const bare = `${first.log}.1`;
  const meant = (author: Author, seq: number, ref = bare): string | null => {
    const naming = namingOf(replica.logs.get(author.log) as HeldLog, seq, replica);
    const line = meaningOf(ref, naming, replica.lines);
    const known = line === null ? undefined : replica.logs.get(line);
    return known === undefined ? line : pin(bare, toB64u(known.tree.leaf(1)));
  };

  it("means what its author knew first", () => {
    expect(meant(millrace, 1)).toBe(second.ref(1));
    expect(meant(orchard, 1)).toBe(first.ref(1));
    expect(meant(orchard, 2)).toBe(first.ref(1));
  });
  it("means nothing where its author learned of two at once, or of none", () => {
    expect(meant(ferry, 1)).toBe("ambiguous");
    expect(meant(ferry, 0)).toBeNull();
    const naming = namingOf(replica.logs.get(ferry.log) as HeldLog, 1, replica);
    const x = { type: "charter.noted", subject: bare, x: {} };
    expect(namesIn(x, naming, replica.lines)).toEqual({ [bare]: null });
  });
  it("is named where it does not stand on the first line of its log, and only there", () => {
    for (const [author, seq] of [
      [millrace, 1],
      [orchard, 1],
    ] as const) {
      const naming = namingOf(replica.logs.get(author.log) as HeldLog, seq, replica);
      const named = namesIn({ type: "charter.noted", subject: bare, x: {} }, naming, replica.lines);
      const isFirst = meant(author, seq) === histories[0]?.ref(1);
      expect(named === null).toBe(isFirst);
      if (named !== null) expect(named[bare]).toContain("~.1");
    }
    const unheard = namingOf(replica.logs.get(ferry.log) as HeldLog, 0, replica);
    expect(namesIn({ type: "charter.noted", subject: bare, x: {} }, unheard, replica.lines)).toBeNull();
    const plain = { type: "charter.noted", subject: `${orchard.log}.1`, x: {} };
    expect(namesIn(plain, unheard, replica.lines)).toBeNull();
  });
  it("means that very entry where it is pinned", () => {
    for (const history of [first, second]) expect(meant(ferry, 1, history.ref(1))).toBe(history.ref(1));
    expect(meant(ferry, 1, pin(bare, hashOf(orchard.ref(0))))).toBeNull();
  });
});
