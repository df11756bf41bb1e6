// Goal: what no caller of ours does, and what storage or a hostile peer might bring, has the answer that its docs say. Method: by example.
import { toBytes } from "@handfast/protocol/bytes";
import type { Frame } from "@handfast/protocol/frame";
import type { Header } from "@handfast/protocol/header";
import { type Hash, refOf, toMultikey } from "@handfast/protocol/ids";
import type { LogOpenedX } from "@handfast/protocol/log";
import { createAuthor, partnerIdOf, testCharter, testKey } from "@handfast/testkit/author";
import { publicKeyBytes } from "@handfast/tlog/signer";
import { leafHash } from "@handfast/tlog/tree";
import { describe, expect, it } from "vitest";
import { authorityOf } from "../src/authority.ts";
import { createAtColumn, createHashColumn } from "../src/columns.ts";
import { proofTo } from "../src/edge.ts";
import { gateFrame } from "../src/gate-frame.ts";
import { createHeads } from "../src/heads.ts";
import { createHeldLog } from "../src/held-log.ts";
import { sponsoredBy } from "../src/known-logs.ts";
import { createPasts } from "../src/pasts.ts";
import { doubtFrom, provenX } from "../src/prove-fork.ts";
import { createReplica, type HeldLog, type VerifiedEntry, verifiedEntry } from "../src/replica.ts";
import { segmentEntries } from "../src/segment.ts";
import { createTree } from "../src/tree.ts";

const { net, charter } = testCharter("orchard");
/** The neutral point of the curve, under which anything is signed. */
const nobody = toMultikey(Uint8Array.of(1, ...new Uint8Array(31)));
const nowMs = Date.now();

describe("a column", () => {
  const hash = leafHash(Uint8Array.of(1));
  const cold = <Rows>(rows: Rows) => ({ segments: 1, read: () => rows });
  const hashes = () => createHashColumn(cold(new Uint8Array(segmentEntries * 32)));
  const ats = () =>
    createAtColumn(cold({ ms: new Float64Array(segmentEntries), counters: new Uint16Array(segmentEntries) }));

  it("has no rows but those that were put in", () => {
    const [plainHashes, plainAts] = [createHashColumn(), createAtColumn()];
    plainHashes.push(hash);
    plainAts.push([7, 1]);
    expect(plainAts.at(0)).toEqual([7, 1]);
    for (const column of [plainHashes, plainAts]) {
      expect(() => column.at(1)).toThrow(RangeError);
      expect(() => column.at(-1)).toThrow(RangeError);
      expect(() => column.rows(3)).toThrow(RangeError);
    }
  });

  it("keeps the rows that are elsewhere, and reads them there only", () => {
    for (const column of [hashes(), ats()]) {
      expect(column.length).toBe(segmentEntries);
      expect(() => column.truncate(1)).toThrow("rows that are kept elsewhere stay");
      expect(() => column.rows(1)).toThrow(RangeError);
      expect(column.rows(0)).toBeDefined();
    }
  });

  it("without another place for rows has none once they are let go of", () => {
    const [plainHashes, plainAts] = [createHashColumn(), createAtColumn()];
    for (let row = 0; row < segmentEntries; row += 1) {
      plainHashes.push(hash);
      plainAts.push([row, 0]);
    }
    for (const column of [plainHashes, plainAts]) {
      column.release(1);
      expect(() => column.rows(0)).toThrow(RangeError);
    }
  });
});

it("a tree that is cut behind its end stays as it is", () => {
  const tree = createTree();
  tree.push(leafHash(Uint8Array.of(1)));
  const root = tree.root(1);
  tree.truncate(5);
  expect(tree.root(1)).toEqual(root);
});

it("an edge proves nothing from before the first entry, or from beyond itself", () => {
  const author = createAuthor(net, "orchard");
  const tree = createTree();
  tree.push(leafHash(author.bytes(0)));
  for (const from of [0, 2])
    expect(() => proofTo({ size: 1, noteSize: 1, proof: [] }, from, tree.read)).toThrow(RangeError);
});

it("heads that are kept nowhere else need not be read before", () => {
  const heads = createHeads();
  heads.prefetch(["a"]);
  const entry = { log: "A".repeat(22), seq: 0, hash: "h".repeat(43) as Hash };
  expect(heads.add("a", entry, () => -1)).toHaveLength(1);
  expect(heads.keptOf("a")).toEqual([]);
});

describe("pasts", () => {
  const [own, other] = ["A".repeat(22), "B".repeat(22)] as const;

  it("of a parent that was never taken are empty", () => {
    const pasts = createPasts();
    const past = pasts.add({ log: own, seq: 0, parents: [refOf(other, 3)] });
    expect(past(other)).toBe(3);
    expect(pasts.known(other, 3).size).toBe(0);
    expect(pasts.of(other, 0)(own)).toBe(-1);
  });

  it("that were let go of and are kept nowhere are an error, and letting go of none is not", () => {
    const pasts = createPasts();
    pasts.release(other, 3);
    for (let seq = 0; seq <= segmentEntries; seq += 1) pasts.add({ log: own, seq, parents: [] });
    pasts.release(own, 1);
    expect(() => pasts.segment(own, 0)).toThrow(RangeError);
  });
});

describe("a frame", () => {
  const frame = (headers: readonly Uint8Array[]): Frame => ({
    net,
    log: "A".repeat(22),
    from: 0,
    to: headers.length,
    headers: [...headers],
    proof: [],
    note: "",
  });

  it("without entries is refused", () => {
    expect(
      gateFrame(frame([]), { net, by: partnerIdOf("orchard"), version: 1, closed: () => null }),
    ).toMatchObject({
      kind: "refused",
      code: "malformed",
    });
  });

  it.each<[string, readonly Uint8Array[]]>([
    ["no entries", []],
    ["bytes that are not text", [Uint8Array.of(0xff)]],
    ["bytes that are not JSON", [toBytes("{")]],
    ["nothing", [toBytes("null")]],
    ["no author", [toBytes('{"seq":0}')]],
    [
      "a log that is closed by no log",
      [toBytes(`{"by":"${partnerIdOf("orchard")}","seq":0,"x":{"previous":1}}`)],
    ],
    [
      "further logs that are none",
      [toBytes(`{"by":"${partnerIdOf("orchard")}","seq":0,"x":{"previous":{},"also":2}}`)],
    ],
    ["an author of whom nothing is known", [toBytes(`{"by":"${partnerIdOf("thistle")}","seq":0,"x":{}}`)]],
  ])("with %s is of nobody", (_what, headers) => {
    expect(createReplica({ net, charter }).authorOf(frame(headers))).toBeNull();
  });
});

it("a sponsorship that names no log opens none", () => {
  expect(sponsoredBy({ type: "member.sponsored", x: { root: nobody } })).toBeNull();
  expect(sponsoredBy({ type: "member.sponsored", x: { log: "A".repeat(22) } })).toBeNull();
  expect(sponsoredBy({ type: "member.left", x: {} })).toBeNull();
});

describe("what storage gives back", () => {
  const opening = (x: Header["x"], name = "orchard"): VerifiedEntry => {
    const author = createAuthor(net, name, { opening: x });
    return verifiedEntry(author.header(0), author.bytes(0));
  };
  const begun = () => {
    const author = createAuthor(net, "orchard");
    author.write();
    const replica = createReplica({ net, charter });
    const entry = (seq: number) => verifiedEntry(author.header(seq), author.bytes(seq));
    replica.hold(entry(0));
    return { author, replica, entry };
  };

  it.each<[string, Header["x"]]>([
    ["x.witness", { witness: nobody }],
    ["x.keys", { keys: [nobody] }],
    ["x.root", { root: nobody }],
    ["x.root: a first log", { root: partnerIdOf("millrace") }],
  ])("is a log opened by the rules: not with another %s", (member, x) => {
    expect(() => createReplica({ net, charter }).hold(opening(x))).toThrow(member);
  });

  it("is a log that goes on from one that is there", () => {
    const previous = { log: "B".repeat(21).concat("A"), size: 3, root: "A".repeat(43) };
    expect(() => createReplica({ net, charter }).hold(opening({ previous }))).toThrow(
      "which is not stored as it says",
    );
  });

  it("comes in order of place", () => {
    const { author, replica, entry } = begun();
    expect(() => replica.hold(entry(0))).toThrow(RangeError);
    expect(() => replica.restore(entry(0), new Map())).toThrow("is held up to 1, not 0");
    const empty = createReplica({ net, charter });
    expect(() => empty.restore(entry(1), new Map())).toThrow("is held up to 0, not 1");
    replica.restore(entry(1), new Map());
    expect(replica.logs.get(author.log)?.held).toBe(2);
  });

  it("is nothing of a line that is not known", () => {
    const { author, replica, entry } = begun();
    expect(replica.fullSegments("C".repeat(22))).toEqual([]);
    expect(replica.find("C".repeat(22), 0)).toBeNull();
    replica.keepSegments("C".repeat(22), 1);
    replica.keepSegments(author.log, 0);
    replica.setEdge("C".repeat(22), { size: 1, noteSize: 1, note: author.note(1), proof: [] });
    const { header } = entry(0);
    const branch = { line: `${"C".repeat(21)}~`, base: "C".repeat(22), size: 1 };
    expect(() => replica.resume({ opening: header, branch, roots: [], knows: new Map() })).toThrow(
      "which is not stored",
    );
  });

  it("may be a proof about a log of which nothing is held", () => {
    const { author, replica } = begun();
    replica.believe(refOf(author.log, 1), { log: "C".repeat(22), from: 2 });
    expect(replica.forks()).toEqual([]);
    expect(replica.isProven("C".repeat(22))).toBe(true);
  });
});

describe("a frame that is known", () => {
  it("but for a note that is not a checkpoint, or of another log, is refused", () => {
    const author = createAuthor(net, "orchard");
    author.write();
    const other = createAuthor(net, "orchard", { log: "B".repeat(21).concat("A") });
    other.write();
    const replica = createReplica({ net, charter });
    replica.receive([author.frame(0, 1), author.frame(1, 2)], nowMs);
    for (const note of ["", other.note(2)])
      expect(replica.judge({ ...author.frame(1, 2), note }, nowMs)).toMatchObject({
        kind: "refused",
        code: "bad-checkpoint",
      });
    expect(publicKeyBytes(testKey("orchard log"))).toHaveLength(32);
  });
});

describe("a line", () => {
  const author = createAuthor(net, "orchard");
  const twin = createAuthor(net, "orchard");
  for (let seq = 1; seq < 300; seq += 1) {
    author.write();
    twin.write(seq < 280 ? {} : { x: { twin: true } });
  }

  it("reads what it shares where that stands", () => {
    const replica = createReplica({ net, charter });
    for (const { frame } of [author, twin]) {
      replica.receive([frame(0, 1)], nowMs);
      replica.receive([frame(1, 300)], nowMs);
    }
    const branch = [...replica.logs.values()].find(({ base }) => base !== null);
    expect(branch?.base?.size).toBe(280);
    for (const seq of [5, 255, 256, 279, 280])
      expect(branch?.tree.leaf(seq).toHex()).toBe(leafHash(twin.bytes(seq)).toHex());
    expect(branch?.ats.at(5)).toEqual(twin.header(5).at);
    const evidence = replica.receive([twin.frame(280, 300)], nowMs);
    expect(evidence.outcomes[0]?.kind).toBe("taken");
  });

  it("whose first segments are kept nowhere cannot be read there", () => {
    const replica = createReplica({ net, charter });
    replica.hold(verifiedEntry(author.header(0), author.bytes(0)));
    const { authority, by } = replica.logs.get(author.log) as HeldLog;
    const line = createHeldLog(
      { line: author.log, log: author.log, by, base: null, authority },
      { roots: [leafHash(Uint8Array.of(1))] },
    );
    expect(() => line.tree.leaf(0)).toThrow("is not kept elsewhere");
  });

  it("is proved by what is about its own log only", () => {
    const replica = createReplica({ net, charter });
    replica.hold(verifiedEntry(author.header(0), author.bytes(0)));
    const held = replica.logs.get(author.log) as HeldLog;
    expect(doubtFrom(net, held, { log: "C".repeat(22), checkpoints: [], consistency: [] })).toBeNull();
    expect(provenX(net, held, { notes: [author.note(1), author.note(1)], consistency: [] })).toBeNull();
  });

  it("that is closed at a state which is not held opens no other", () => {
    const previous = { log: "B".repeat(21).concat("A"), size: 3, root: "A".repeat(43) };
    const later = createAuthor(net, "orchard", { log: "C".repeat(21).concat("A"), opening: { previous } });
    expect(gateFrame(later.frame(0, 1), { net, by: later.by, version: 1, closed: () => null })).toMatchObject(
      { kind: "refused", code: "unknown-log" },
    );
  });

  it("that goes on under the same root keeps the successor that the root committed to", () => {
    const { root, keys, witness, next, name } = author.header(0).x as unknown as LogOpenedX;
    const opened = { root, keys, witness, next, name };
    const before = { root, keys, next: "A".repeat(43), generation: 0 };
    expect(authorityOf({ origin: author.origin, by: author.by }, opened, before)).toEqual({
      ok: false,
      wrong: "x.next: a root commits to its successor once",
    });
  });
});
