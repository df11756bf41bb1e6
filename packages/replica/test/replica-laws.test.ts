// Goal: how entries arrive decides nothing: any split into batches and ranges, any order, any repetition gives the same held
// state; and no changed byte gets in. Method: a small network of authors who name each other, delivered in random pieces.
import type { Frame } from "@handfast/protocol/frame";
import { formatFrame, parseFrame } from "@handfast/protocol/frame";
import { hashOf, type PinnedRef } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { type Author, createAuthor, testCharter, testEpochMs } from "@handfast/testkit/author";
import { parseCheckpoint } from "@handfast/tlog/checkpoint";
import { rootsFromConsistencyProof } from "@handfast/tlog/proofs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReplica, type Replica } from "../src/replica.ts";

const names = ["orchard", "millrace", "ferry"];
const { net, charter } = testCharter(...names);
const now = testEpochMs + 3_600_000;

/** Writers in turn, each naming some of what the others wrote. */
function network(turns: readonly { readonly who: number; readonly names: readonly number[] }[]): Author[] {
  const authors = names.map((name) => createAuthor(net, name));
  let ms = testEpochMs;
  for (const turn of turns) {
    const author = authors[turn.who % authors.length] as Author;
    const parents: PinnedRef[] = [];
    for (const [index, other] of authors.entries()) {
      const back = turn.names[index];
      if (other !== author && back !== undefined && back < other.size)
        parents.push(other.ref(other.size - 1 - back));
    }
    ms += 1;
    author.write({ at: [ms, 0], parents: parents.sort(), x: { turn: ms } });
  }
  return authors;
}
const turns = fc.array(fc.record({ who: fc.nat(2), names: fc.array(fc.nat(3), { maxLength: 3 }) }), {
  minLength: 4,
  maxLength: 30,
});

/** A log cut into frames: at the given places, some of them inside a batch. */
function pieces(author: Author, cuts: readonly number[], beyond: readonly boolean[]): Frame[] {
  const places = [...new Set([1, ...cuts.map((cut) => 1 + (cut % author.size)), author.size])].sort(
    (a, b) => a - b,
  );
  const frames = [author.frame(0, 1)];
  for (const [index, to] of places.entries()) {
    const from = places[index - 1];
    if (from === undefined || from === to) continue;
    frames.push(author.frame(from, to, beyond[index] === true ? author.size : to));
  }
  return frames;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** What is held, in a form to be compared. */
const stateOf = (replica: Replica) =>
  [...replica.logs.values()].map(({ log, held, tree }) => `${log} ${held} ${hex(tree.root(held))}`).sort();

const whole = (authors: readonly Author[]) => {
  const replica = createReplica({ net, charter });
  // Again and again, log by log: what waits in one round is held in a later one.
  for (const author of authors) replica.receive([author.frame(0, 1)], now);
  for (const author of authors) if (author.size > 1) replica.receive([author.frame(1, author.size)], now);
  return replica;
};

const piecewise = fc.record({
  turns,
  cuts: fc.array(fc.nat(40), { maxLength: 8 }),
  beyond: fc.array(fc.boolean(), { maxLength: 10 }),
  order: fc.array(fc.nat(), { maxLength: 60 }),
  together: fc.nat(4),
});

describe("what is held", () => {
  it("does not depend on how it arrived", () => {
    fc.assert(
      fc.property(piecewise, ({ turns, cuts, beyond, order, together }) => {
        const authors = network(turns);
        const frames = authors.flatMap((author) => pieces(author, cuts, beyond));
        const shuffled = frames
          .map((frame, index) => ({ frame, key: order[index % Math.max(order.length, 1)] ?? index }))
          .sort((a, b) => a.key - b.key)
          .map(({ frame }) => frame);
        const replica = createReplica({ net, charter });
        // A frame that comes too early is a gap and comes again, as ranges do.
        for (let round = 0; round < frames.length + 1; round++) {
          for (let start = 0; start < shuffled.length; start += together + 1)
            replica.receive(shuffled.slice(start, start + together + 1), now);
        }
        expect(stateOf(replica)).toEqual(stateOf(whole(authors)));
        expect(replica.waiting).toEqual({ entries: 0, bytes: 0, logs: 0 });
        for (const author of authors) expect(replica.logs.get(author.log)?.held).toBe(author.size);
      }),
      { numRuns: 60 },
    );
  });

  it("comes out in causal order, each entry once", () => {
    fc.assert(
      fc.property(piecewise, ({ turns, cuts, beyond }) => {
        const authors = network(turns);
        const replica = createReplica({ net, charter });
        const seen = new Set<string>();
        const take = (frames: readonly Frame[]): void => {
          for (const { from, log, entries } of replica.receive(frames, now).arrivals) {
            for (const [index, { header }] of entries.entries()) {
              expect(header.seq).toBe(from + index);
              for (const parent of header.parents)
                expect(seen.has(parent.slice(0, parent.indexOf("@")))).toBe(true);
              if (header.seq > 0) expect(seen.has(`${log}.${header.seq - 1}`)).toBe(true);
              expect(seen.has(`${log}.${header.seq}`)).toBe(false);
              seen.add(`${log}.${header.seq}`);
            }
          }
        };
        for (const author of authors) take(pieces(author, cuts, beyond));
        for (const author of authors) take(pieces(author, cuts, beyond));
        expect(seen.size).toBe(authors.reduce((sum, { size }) => sum + size, 0));
      }),
      { numRuns: 60 },
    );
  });

  it("can be proved at every size up to what is held, also where that lies inside a batch", () => {
    fc.assert(
      fc.property(piecewise, ({ turns, cuts, beyond }) => {
        const authors = network(turns);
        const replica = createReplica({ net, charter });
        // Only the first author's log: what names the others waits, so that it is held up to anywhere.
        const [first] = authors as [Author, ...Author[]];
        replica.receive(pieces(first, cuts, beyond), now);
        const known = replica.logs.get(first.log);
        if (known?.edge === null || known === undefined) throw new Error("not held");
        const { edge, held, tree } = known;
        expect(edge.size).toBe(held);
        const parsed = parseCheckpoint(edge.note);
        if (!parsed.ok) throw new Error(parsed.reason);
        const { root } = parsed.checkpoint;
        if (edge.noteSize === held) return hex(tree.root(held)) === hex(root);
        const roots = rootsFromConsistencyProof(held, edge.noteSize, edge.proof);
        return roots.ok && hex(roots.oldRoot) === hex(tree.root(held)) && hex(roots.newRoot) === hex(root);
      }),
      { numRuns: 80 },
    );
  });

  it("is never changed by a frame with one flipped bit", () => {
    const orchard = createAuthor(net, "orchard");
    for (let count = 0; count < 12; count++) orchard.write({ x: { count } });
    const good = formatFrame(orchard.frame(5, 9, 13));
    const replica = createReplica({ net, charter });
    replica.receive([orchard.frame(0, 1), orchard.frame(1, 5)], now);
    const before = stateOf(replica);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(7), (place, bit) => {
        const spoilt = Uint8Array.from(good);
        spoilt[place] = (spoilt[place] as number) ^ (1 << bit);
        const frame = parseFrame(spoilt);
        if ("malformed" in frame) return;
        const { outcomes, arrivals } = replica.receive([frame], now);
        expect(outcomes[0]?.kind).toBe("refused");
        expect(arrivals).toEqual([]);
        expect(stateOf(replica)).toEqual(before);
      }),
      { numRuns: 1_500 },
    );
  });
});

describe("two logs that name each other", () => {
  it("do not wait for each other forever", () => {
    const orchard = createAuthor(net, "orchard");
    const millrace = createAuthor(net, "millrace");
    let ms = testEpochMs + 1;
    for (let count = 0; count < 20; count++) {
      orchard.write({ at: [ms, 0], parents: [millrace.ref(millrace.size - 1)] });
      millrace.write({ at: [ms + 1, 0], parents: [orchard.ref(orchard.size - 1)] });
      ms += 2;
    }
    const replica = createReplica({ net, charter });
    replica.receive([orchard.frame(0, 1)], now);
    const [first] = replica.receive([orchard.frame(1, 21)], now).outcomes;
    expect(first).toEqual({
      kind: "taken",
      line: orchard.log,
      size: 1,
      held: 0,
      waiting: 20,
      need: [{ log: millrace.log, size: 1, tip: hashOf(millrace.ref(0)) }],
    });
    const { arrivals } = replica.receive([millrace.frame(0, 1), millrace.frame(1, 21)], now);
    expect(replica.logs.get(orchard.log)?.held).toBe(21);
    expect(replica.logs.get(millrace.log)?.held).toBe(21);
    expect(arrivals.length).toBeGreaterThan(30);
    expect(replica.waiting.entries).toBe(0);
  });
});

describe("what waits for parents", () => {
  it("is bounded: the newest is dropped, and comes again by range", () => {
    const orchard = createAuthor(net, "orchard");
    const millrace = createAuthor(net, "millrace");
    orchard.write({ at: [testEpochMs + 2, 0], parents: [millrace.ref(0)] });
    while (orchard.size < limits.pendingEntries + 1_000) orchard.write();
    const replica = createReplica({ net, charter });
    replica.receive([orchard.frame(0, 1)], now);
    const frames: Frame[] = [];
    for (let from = 1; from < orchard.size; from += 1_000)
      frames.push(orchard.frame(from, Math.min(from + 1_000, orchard.size)));
    for (const frame of frames) replica.receive([frame], now);
    expect(replica.waiting.entries).toBe(10_000);
    replica.receive([millrace.frame(0, 1)], now);
    expect(replica.logs.get(orchard.log)?.held).toBe(10_001);
    const left = replica.receive(frames.slice(-1), now).outcomes;
    expect(left).toMatchObject([{ kind: "taken", size: orchard.size, waiting: 0 }]);
  });
});
