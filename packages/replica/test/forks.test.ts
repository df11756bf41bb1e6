// Goal: nothing that one partner signs keeps others apart. An author may sign any number of histories of its log; honest partners name
// what they held before they knew. In any order of arrival two nodes come to hold the same entries, know the same pasts and the same
// doubts, and nothing waits forever. And nobody makes a fork of a log but its author. Method: real keys, random forks and orders.

import { toB64u } from "@handfast/protocol/bytes";
import type { Frame } from "@handfast/protocol/frame";
import { hashOf, type LineId, pin, refOf } from "@handfast/protocol/ids";
import {
  type Author,
  chainedCharter,
  createAuthor,
  testCharter,
  testEpochMs,
  testKey,
} from "@handfast/testkit/author";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { doubtFrom, type ProvenX, provenX } from "../src/prove-fork.ts";
import { createReplica, type Evidence, type HeldLog, type Replica } from "../src/replica.ts";

const { net, charter } = testCharter("orchard", "millrace", "thistle");
const now = testEpochMs + 3_600_000;

/** Goes on from the first `size` entries of an author's log with other ones. */
function branchOf(author: Author, size: number, name = "thistle"): Author {
  const opening = size === 0 ? { name: `${name} again` } : {};
  const other = createAuthor(net, name, { log: author.log, opening });
  for (let seq = 1; seq < size; seq++) other.write(author.header(seq));
  return other;
}

const plans = fc.record({
  /** Of each further history: which one it leaves, and where. */
  branches: fc.array(fc.record({ of: fc.nat(), at: fc.nat() }), { minLength: 1, maxLength: 4 }),
  lengths: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 5, maxLength: 5 }),
  /** Who names which history, how far from its end. */
  names: fc.array(fc.record({ who: fc.nat(1), line: fc.nat(), back: fc.nat(4), other: fc.boolean() }), {
    maxLength: 10,
  }),
  orders: fc.tuple(fc.array(fc.nat(), { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 40 })),
  cuts: fc.array(fc.nat(8), { maxLength: 6 }),
});
type Plan = typeof plans extends fc.Arbitrary<infer Value> ? Value : never;

function story({ branches, lengths, names }: Plan) {
  const first = createAuthor(net, "thistle");
  let count = 0;
  const grow = (author: Author, entries: number): void => {
    for (let more = 0; more < entries; more++) author.write({ x: { count: count++ } });
  };
  grow(first, lengths[0] as number);
  const histories = [first];
  for (const [index, { of, at }] of branches.entries()) {
    const from = histories[of % histories.length] as Author;
    const branch = branchOf(from, 1 + (at % from.size));
    grow(branch, lengths[index + 1] as number);
    histories.push(branch);
  }
  const honest = [createAuthor(net, "orchard"), createAuthor(net, "millrace")];
  let ms = testEpochMs + 100;
  for (const { who, line, back, other } of names) {
    const author = honest[who] as Author;
    const beside = honest[1 - who] as Author;
    const named = histories[line % histories.length] as Author;
    const parents = [named.ref(Math.max(0, named.size - 1 - back))];
    if (other) parents.push(beside.ref(beside.size - 1));
    ms += 1;
    author.write({ at: [ms, 0], parents: parents.sort(), x: { ms } });
  }
  return { histories, honest, all: [...histories, ...honest] };
}

function pieces(author: Author, cuts: readonly number[]): Frame[] {
  const places = [...new Set([1, ...cuts.map((cut) => 1 + (cut % author.size)), author.size])].sort(
    (a, b) => a - b,
  );
  const frames = [author.frame(0, 1)];
  for (const [index, to] of places.entries()) {
    const from = places[index - 1];
    if (from !== undefined && from < to)
      frames.push(author.frame(from, to, index % 2 === 0 ? author.size : to));
  }
  return frames;
}

const pinAt = ({ log, tree }: HeldLog, seq: number): string => pin(refOf(log, seq), toB64u(tree.leaf(seq)));
const startOf = ({ base }: HeldLog): number => base?.size ?? 0;

/** Every entry held with everything in its past, by names that all nodes share. */
function worldOf(replica: Replica): Record<string, readonly string[]> {
  const lines = [...replica.logs.values()];
  const world: Record<string, readonly string[]> = {};
  for (const line of lines)
    for (let seq = startOf(line); seq < line.held; seq++) {
      const past = replica.pasts.of(line.line, seq);
      const known = lines.flatMap((other) => {
        const upTo = past(other.line);
        return Array.from({ length: Math.max(0, upTo + 1 - startOf(other)) }, (_, index) =>
          pinAt(other, startOf(other) + index),
        );
      });
      world[pinAt(line, seq)] = known.sort();
    }
  return world;
}

function receiveAll(frames: readonly Frame[], order: readonly number[]): Replica {
  const replica = createReplica({ net, charter });
  const shuffled = frames
    .map((frame, index) => ({ frame, key: order[index % Math.max(order.length, 1)] ?? index }))
    .sort((a, b) => a.key - b.key)
    .map(({ frame }) => frame);
  // What comes too early comes again, as ranges do, until nothing moves.
  for (let moved = true; moved; ) {
    moved = false;
    for (const frame of shuffled) moved = replica.receive([frame], now).arrivals.length > 0 || moved;
  }
  return replica;
}

describe("a partner that signed several histories", () => {
  it("is asked about the time of an entry only where the entry before it is the one that is held", () => {
    const first = createAuthor(net, "thistle");
    for (const ms of [500, 600]) first.write({ at: [testEpochMs + ms, 0] });
    const branch = branchOf(first, 1);
    for (const ms of [100, 200, 300]) branch.write({ at: [testEpochMs + ms, 0] });
    const replica = createReplica({ net, charter });
    replica.receive([first.frame(0, 1), first.frame(1, 3)], now);
    // Halving for where they part begins in the middle, and must go on.
    const { outcomes } = replica.receive([branch.frame(2, 3)], now);
    expect(outcomes).toMatchObject([{ kind: "refused", code: "bad-checkpoint", isSigned: true }]);
    replica.receive([branch.frame(1, 4)], now);
    expect(replica.lines.of(first.log).map(({ held }) => held)).toEqual([3, 4]);
  });

  it("has each entry on one line, also after a line let go of what waited where a branch begins", () => {
    const parent = createAuthor(net, "orchard");
    parent.write({ at: [testEpochMs + 900, 0] });
    const first = createAuthor(net, "thistle");
    // Not above its parent, which is found when that arrives.
    first.write({ at: [testEpochMs + 100, 0], parents: [parent.ref(1)] });
    const branch = branchOf(first, 1);
    branch.write({ x: { other: true } });
    const replica = createReplica({ net, charter });
    replica.receive([first.frame(0, 1), first.frame(1, 2), branch.frame(1, 2)], now);
    replica.receive([parent.frame(0, 1), parent.frame(1, 2)], now);
    replica.receive([branch.frame(1, 2)], now);
    expect(replica.lines.of(first.log).map(({ held }) => held)).toEqual([1, 2]);
  });

  it("is called forked once two of its histories are held, and is not named from there on as soon as one contradicts another", () => {
    const parent = createAuthor(net, "orchard");
    parent.write();
    const first = createAuthor(net, "thistle");
    first.write({ at: [testEpochMs + 900, 0], parents: [parent.ref(1)] });
    const branch = branchOf(first, 1);
    branch.write({ x: { other: true } });
    const replica = createReplica({ net, charter });
    replica.receive([first.frame(0, 1), first.frame(1, 2), branch.frame(1, 2)], now);
    // The first waits for a parent that others may never hold, and this node cannot hand it on.
    expect([[...replica.forks()], replica.forkedFrom(first.log)]).toEqual([[], 1]);
    replica.receive([parent.frame(0, 1), parent.frame(1, 2)], now);
    expect([...replica.forks()]).toMatchObject([{ log: first.log, from: 1, branches: 1 }]);
  });

  it("keeps nobody apart: two nodes come to hold the same, with the same pasts and doubts, and nothing waits", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { all, histories, honest } = story(plan);
        const frames = all.flatMap((author) => pieces(author, plan.cuts));
        const [one, other] = plan.orders.map((order) => receiveAll(frames, order)) as [Replica, Replica];
        expect(worldOf(other)).toEqual(worldOf(one));
        expect(one.forkedFrom(histories[0]?.log ?? "")).toBe(other.forkedFrom(histories[0]?.log ?? ""));
        for (const replica of [one, other]) {
          expect(replica.waiting).toEqual({ entries: 0, bytes: 0, logs: 0 });
          for (const author of honest) {
            expect(replica.logs.get(author.log)?.held).toBe(author.size);
            expect(replica.forkedFrom(author.log)).toBeNull();
          }
          const held = worldOf(replica);
          for (const author of histories)
            for (let seq = 0; seq < author.size; seq++) expect(held).toHaveProperty([author.ref(seq)]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("names a branch so that no log can be called like it", () => {
    const thistle = createAuthor(net, "thistle");
    thistle.write({ x: { a: 1 } });
    const other = branchOf(thistle, 1);
    other.write({ x: { b: 1 } });
    const replica = createReplica({ net, charter });
    replica.receive([thistle.frame(0, 1), thistle.frame(1, 2), other.frame(1, 2)], now);
    const branch = [...replica.logs.keys()].find((line) => line.endsWith("~")) as LineId;
    expect(branch).toHaveLength(22);
    expect(replica.logs.get(branch)).toMatchObject({ log: thistle.log, held: 2, base: { size: 1 } });
    expect(replica.forkedFrom(thistle.log)).toBe(1);
    expect(replica.lines.holding(thistle.log, 1, hashOf(other.ref(1)))?.line).toBe(branch);
    expect(replica.lines.holding(thistle.log, 0, hashOf(other.ref(0)))?.line).toBe(thistle.log);
  });

  it("may part at its very opening", () => {
    const thistle = createAuthor(net, "thistle");
    const other = branchOf(thistle, 0);
    other.write({ x: { b: 1 } });
    const replica = createReplica({ net, charter });
    replica.receive([thistle.frame(0, 1), other.frame(0, 1), other.frame(1, 2)], now);
    expect(replica.forkedFrom(thistle.log)).toBe(0);
    expect(replica.lines.of(thistle.log).map(({ held }) => held)).toEqual([1, 2]);
  });

  /** Its log, `size` entries long, and histories that leave it at `from`. */
  function many({ size = 2, from = 1 } = {}) {
    const thistle = createAuthor(net, "thistle");
    for (let seq = 1; seq < size; seq++) thistle.write({ x: { branch: 0, seq } });
    const branch = (count: number, at = from): Author => {
      const other = branchOf(thistle, at);
      other.write({ x: { branch: count } });
      return other;
    };
    const take = (replica: Replica, other: Author, nowMs = now) =>
      replica.receive([other.frame(other.size - 1, other.size)], nowMs).outcomes[0];
    const open = (): Replica => {
      const replica = createReplica({ net, charter });
      replica.receive([thistle.frame(0, 1), thistle.frame(1, size)], now);
      return replica;
    };
    return { thistle, branch, take, open };
  }

  it("has sixteen branches taken here, and beyond these what an entry of somebody else names, in time all of it", () => {
    const { branch, take, open } = many();
    const replica = open();
    for (let count = 1; count <= 16; count++) expect(take(replica, branch(count))).toMatchObject({ held: 1 });
    expect(take(replica, branch(17))).toMatchObject({ code: "busy" });
    const orchard = createAuthor(net, "orchard");
    replica.receive([orchard.frame(0, 1)], now);
    const needed = Array.from({ length: 70 }, (_, index) => branch(100 + index));
    for (const [index, other] of needed.entries())
      orchard.write({ at: [testEpochMs + 9 + index, 0], parents: [other.ref(1)] });
    replica.receive([orchard.frame(1, 71)], now);
    // Something waits for an entry of this log, and not for this one.
    expect(take(replica, branch(18))).toMatchObject({ code: "busy" });
    let hour = 0;
    for (const other of needed) {
      while (take(replica, other, now + hour * 3_600_000)?.kind === "refused" && hour < 3) hour += 1;
    }
    expect([replica.logs.get(orchard.log)?.held, hour]).toEqual([71, 1]);
  });

  it("is in doubt from the same entry on everywhere, however many histories each node was given first", () => {
    const { thistle, branch, take, open } = many({ size: 12 });
    const [late, early] = [8, 3].map((at) =>
      Array.from({ length: 16 }, (_, index) => branch(at * 100 + index, at)),
    ) as [Author[], Author[]];
    const [one, other] = [open(), open()];
    for (const each of late) take(one, each);
    for (const each of early) take(other, each);
    expect([one, other].map(({ forkedFrom }) => forkedFrom(thistle.log))).toEqual([8, 3]);
    for (const each of [...late, ...early]) {
      take(one, each);
      take(other, each);
    }
    expect([one, other].map(({ forkedFrom }) => forkedFrom(thistle.log))).toEqual([3, 3]);
  });
});

describe("in a network of headers of version 2", () => {
  const chained = chainedCharter("orchard", "millrace", "thistle");
  const open = () => createReplica({ net: chained.net, charter: chained.charter });
  const author = (name: string) => createAuthor(chained.net, name, { version: 2 });
  const shared = { at: [testEpochMs + 500, 0], x: { shared: true } } satisfies Parameters<Author["write"]>[0];

  it("no entry stands behind two different ones: who names it names one history, on every node", () => {
    const [first, second] = [author("thistle"), author("thistle")];
    first.write({ x: { first: true } });
    second.write({ x: { second: true } });
    for (const one of [first, second]) one.write(shared);
    expect(first.ref(2)).not.toBe(second.ref(2));
    const orchard = author("orchard");
    orchard.write({ at: [testEpochMs + 900, 0], parents: [first.ref(2)] });
    const frames = [first, second].map((one) => [one.frame(0, 1), one.frame(1, 3)]);
    const named = [orchard.frame(0, 1), orchard.frame(1, 2)];
    const replicas = [frames.flat(), frames.toReversed().flat()].map((all) => {
      const replica = open();
      for (const frame of [...all, ...named]) replica.receive([frame], now);
      return replica;
    });
    const [one, other] = replicas.map(worldOf);
    expect(other).toEqual(one);
    expect(one?.[orchard.ref(1)]).toContain(first.ref(1));
    expect(one?.[orchard.ref(1)]).not.toContain(second.ref(1));
  });

  it("an entry is refused that names another before it, none, or one where it is the first", () => {
    const thistle = author("thistle");
    const replica = open();
    replica.receive([thistle.frame(0, 1)], now);
    const opening = hashOf(thistle.ref(0));
    const outcomeOf = (...entries: Parameters<Author["write"]>[0][]) => {
      const other = author("thistle");
      for (const entry of entries) other.write(entry);
      return replica.receive([other.frame(1, other.size)], now).outcomes[0];
    };
    const refused = { kind: "refused", code: "schema" };
    expect(outcomeOf({ prev: toB64u(new Uint8Array(32)) })).toMatchObject(refused);
    expect(outcomeOf({}, { prev: opening })).toMatchObject(refused);
    const { prev: _prev, ...plain } = { ...thistle.header(0), type: "org.example.noted", seq: 1, x: {} };
    const earlier = createAuthor(chained.net, "thistle");
    earlier.write({ ...plain, v: 1, at: [testEpochMs + 1, 0] });
    expect(replica.receive([earlier.frame(1, 2)], now).outcomes[0]).toMatchObject(refused);
    expect(outcomeOf({}, {})).toMatchObject({ kind: "taken", held: 2 });
  });
});

describe("a proof of a fork", () => {
  /** A log of three entries, and another that parts behind the first. */
  function twins() {
    const thistle = createAuthor(net, "thistle");
    const other = branchOf(thistle, 1);
    for (let count = 0; count < 4; count++) thistle.write({ x: { count } });
    for (let count = 0; count < 6; count++) other.write({ x: { other: count } });
    const replica = createReplica({ net, charter });
    replica.receive([thistle.frame(0, 1), thistle.frame(1, 5)], now);
    return { thistle, other, replica };
  }

  it.each<[what: string, frameOf: (other: Author) => Frame]>([
    ["of the same size", (other) => other.frame(1, 5)],
    ["of a larger size", (other) => other.frame(1, 7)],
    ["of a range cut below what is known", (other) => other.frame(1, 2, 4)],
  ])("follows from a frame %s", (_what, frameOf) => {
    const { thistle, other, replica } = twins();
    const { evidence } = replica.receive([frameOf(other)], now);
    const line = replica.logs.get(thistle.log) as HeldLog;
    const shown = replica.lines.isForked(thistle.log)
      ? replica.proofOf(thistle.log)
      : provenX(net, line, (evidence[0] as Evidence).proof);
    expect(shown).not.toBeNull();
    expect(doubtFrom(net, line, shown as ProvenX)).toBeGreaterThanOrEqual(1);
  });

  it("follows where a checkpoint beyond was believed and the entries below it turn out others", () => {
    const { thistle, other } = twins();
    const replica = createReplica({ net, charter });
    replica.receive([thistle.frame(0, 1), other.frame(1, 2, 7)].slice(0, 1), now);
    // The first two entries are shared; the checkpoint they come with is of one history, what follows of the other.
    const shared = branchOf(thistle, 3);
    shared.write({ x: { away: true } });
    replica.receive([thistle.frame(1, 3, 4)], now);
    const { evidence } = replica.receive([shared.frame(3, 4)], now);
    expect(
      provenX(net, replica.logs.get(thistle.log) as HeldLog, (evidence[0] as Evidence).proof),
    ).not.toBeNull();
    expect(replica.forkedFrom(thistle.log)).toBeNull();
  });

  const proven = (log: string, x: object) => ({ type: "fork.proven", parents: [], x: { ...x, log } });

  it("counts as an entry once it is verified, and says from where on the log is in doubt", () => {
    const { thistle, other, replica } = twins();
    replica.receive([other.frame(1, 7)], now);
    const x = replica.proofOf(thistle.log) as ProvenX;
    const orchard = createAuthor(net, "orchard");
    orchard.write({ ...proven(thistle.log, x), at: [testEpochMs + 50, 0], parents: [thistle.ref(0)] });
    const elsewhere = createReplica({ net, charter });
    elsewhere.receive([thistle.frame(0, 1), orchard.frame(0, 1), orchard.frame(1, 2)], now);
    expect(elsewhere.provenBy(`${orchard.log}.1`)).toEqual({ log: thistle.log, from: 4 });
    expect(elsewhere.forkedFrom(thistle.log)).toBe(4);
    // Who holds both histories knows better where they part.
    replica.receive([orchard.frame(0, 1), orchard.frame(1, 2)], now);
    expect(replica.forkedFrom(thistle.log)).toBe(1);
    expect(replica.isProven(thistle.log)).toBe(true);
  });

  type Twist = (x: ProvenX, of: { readonly thistle: Author; readonly other: Author }) => unknown;
  const [first, second] = [0, 1];
  const altered = (x: ProvenX, which: number, member: object): object => ({
    ...x,
    checkpoints: x.checkpoints.map((checkpoint, index) =>
      index === which ? { ...checkpoint, ...member } : checkpoint,
    ),
  });
  const zero = toB64u(new Uint8Array(32));
  it.each<[what: string, twist: Twist]>([
    ["an altered root", (x) => altered(x, second, { root: zero })],
    ["an altered size", (x) => altered(x, first, { size: 3 })],
    ["an altered signature", (x) => altered(x, first, { signature: toB64u(new Uint8Array(68).fill(7)) })],
    ["an altered proof", (x) => ({ ...x, consistency: x.consistency.map(() => zero) })],
    ["a proof cut short", (x) => ({ ...x, consistency: x.consistency.slice(1) })],
    ["swapped checkpoints", (x) => ({ ...x, checkpoints: [...x.checkpoints].reverse() })],
    [
      "one checkpoint twice",
      (x) => ({ ...x, checkpoints: [x.checkpoints[0], x.checkpoints[0]], consistency: [] }),
    ],
    ["another log", (x) => ({ ...x, log: createAuthor(net, "orchard").log })],
    ["a log that nobody holds", (x) => ({ ...x, log: createAuthor(net, "ferry").log })],
    ["checkpoints of equal histories", (_x, { thistle }) => statement(thistle, thistle, 3, 5)],
    [
      "a checkpoint signed by another key",
      (_x, { thistle, other }) => statement(thistle, other, 5, 7, "thief"),
    ],
    [
      "a checkpoint signed by the witness key",
      (_x, { thistle, other }) => statement(thistle, other, 5, 7, "thistle witness"),
    ],
    ["nothing of the kind", () => ({ log: "x" })],
  ])("is none with %s", (_what, twist) => {
    const { thistle, other, replica } = twins();
    const witness = createReplica({ net, charter });
    witness.receive([thistle.frame(0, 1), thistle.frame(1, 5), other.frame(1, 7)], now);
    const x = twist(witness.proofOf(thistle.log) as ProvenX, { thistle, other }) as ProvenX;
    const orchard = createAuthor(net, "orchard");
    orchard.write({ type: "fork.proven", x: { ...x }, at: [testEpochMs + 50, 0], parents: [thistle.ref(0)] });
    const { outcomes } = replica.receive([orchard.frame(0, 1), orchard.frame(1, 2)], now);
    // It is kept, as anything that was signed; it only says nothing.
    expect(outcomes[1]).toMatchObject({ held: 1 });
    expect(replica.provenBy(`${orchard.log}.1`)).toBeNull();
    for (const author of [thistle, orchard]) expect(replica.forkedFrom(author.log)).toBeNull();
  });

  it("says nothing to a reader who does not have the log's opening in the entry's past", () => {
    const { thistle, other, replica } = twins();
    replica.receive([other.frame(1, 7)], now);
    const x = replica.proofOf(thistle.log) as ProvenX;
    const orchard = createAuthor(net, "orchard");
    orchard.write({ ...proven(thistle.log, x), at: [testEpochMs + 50, 0] });
    replica.receive([orchard.frame(0, 1), orchard.frame(1, 2)], now);
    expect(replica.provenBy(`${orchard.log}.1`)).toBeNull();
  });
});

describe("nobody makes a fork of somebody else's log", () => {
  it.each<[what: string, frameOf: (other: Author, thistle: Author) => Frame]>([
    [
      "a note signed by another key",
      (other) => ({ ...other.frame(1, 3), note: other.note(3, testKey("thief")) }),
    ],
    [
      "no signature that is known",
      (other) => ({ ...other.frame(1, 3), note: other.note(3, testKey("orchard log")) }),
    ],
    [
      "the note of another log",
      (other) => ({ ...other.frame(1, 3), note: createAuthor(net, "orchard").note(1) }),
    ],
    ["the note of the true history", (other, thistle) => ({ ...other.frame(1, 3), note: thistle.note(3) })],
    [
      "a root-signed note where log keys sign",
      (other) => ({ ...other.frame(1, 3), note: other.note(3, other.root) }),
    ],
  ])("with %s", (_what, frameOf) => {
    const thistle = createAuthor(net, "thistle");
    const other = branchOf(thistle, 1);
    for (let count = 0; count < 4; count++) {
      thistle.write({ x: { count } });
      other.write({ x: { other: count } });
    }
    const replica = createReplica({ net, charter });
    replica.receive([thistle.frame(0, 1), thistle.frame(1, 5)], now);
    const { outcomes, evidence } = replica.receive([frameOf(other, thistle)], now);
    expect(outcomes).toMatchObject([{ kind: "refused", code: "bad-checkpoint" }]);
    expect(evidence).toEqual([]);
    expect(replica.forkedFrom(thistle.log)).toBeNull();
    expect(replica.logs.size).toBe(1);
  });
});

/** What somebody who signs with `signer` would state of two checkpoints. */
function statement(one: Author, other: Author, size: number, larger: number, signer = "thistle log"): object {
  const head = (author: Author, at: number) => {
    const [, , root = ""] = author.note(at).split("\n");
    const line = author.note(at, testKey(signer)).trimEnd().split(" ").at(-1) ?? "";
    return {
      size: at,
      root: toB64u(Buffer.from(root, "base64")),
      signature: toB64u(Buffer.from(line, "base64")),
    };
  };
  const consistency = other.frame(1, size, larger).proof.map(toB64u);
  return { log: one.log, checkpoints: [head(one, size), head(other, larger)], consistency };
}
