// Goal: what a node store promises, as one suite that each form of it runs. Test only; exported as `@handfast/node-store/contract`.
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { segmentEntries } from "@handfast/replica/segment";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Completion, Intent, NodeStore } from "../src/node-store.ts";

export const log = (letter: string): string => `${letter.repeat(21)}A`;
const by = (letter: string): string => `z6Mk${letter.repeat(44)}`;
const key = (letter: string): string => toB64u(new Uint8Array(32).fill(letter.charCodeAt(0)));
const bytes32 = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const payload = (name: string) => ({ salt: bytes32(7), body: toBytes(`{"text":"${name}"}`) });
type WrittenRun = Intent["runs"][number];

/** Entries [from, to) of the log with this letter. */
export const runOf = (
  letter: string,
  from: number,
  to: number,
  more: Partial<WrittenRun> = {},
): WrittenRun => ({
  log: log(letter),
  by: by(letter),
  from,
  to,
  payloads: [],
  lacking: [],
  digest: bytes32(1),
  edge: null,
  ...more,
});
export const boundary = ({ log: name, to }: Pick<WrittenRun, "log" | "to">) => ({
  size: to,
  noteSize: to,
  note: `${name.charAt(0)}${to}`,
  proof: [],
});
export function write(
  node: NodeStore,
  runs: readonly WrittenRun[],
  more: Partial<Completion> & Partial<Pick<Intent, "replies">> = {},
): readonly number[] {
  const { replies = [], ...completion } = more;
  node.begin({ runs, replies });
  const nothing = { learned: [], segments: [], heads: [], network: [], proofs: [] };
  return node.complete({ edges: runs.map(boundary), ...nothing, ...completion });
}

/** @param open Opens a new, empty store; the suite disposes it. */
export function describeNodeStore(name: string, open: () => NodeStore): void {
  describe(`a node store ${name}`, () => {
    let node: NodeStore;
    beforeEach(() => {
      node = open();
    });
    afterEach(() => node[Symbol.dispose]());

    it("gives every entry its position, in order of arrival", () => {
      expect(write(node, [runOf("A", 0, 3), runOf("B", 0, 1)])).toEqual([1, 4]);
      expect(write(node, [runOf("A", 3, 4)])).toEqual([5]);
      expect(node.head).toBe(5);
      expect(node.arrivals(0, 100)).toEqual([
        { position: 1, log: log("A"), from: 0, to: 3 },
        { position: 4, log: log("B"), from: 0, to: 1 },
        { position: 5, log: log("A"), from: 3, to: 4 },
      ]);
    });

    it("reads on from any position, any number at a time", () => {
      write(node, [runOf("A", 0, 4), runOf("B", 0, 3)]);
      write(node, [runOf("B", 3, 4)]);
      write(node, [runOf("A", 4, 6)]);
      const flat = (after: number, limit: number) =>
        node
          .arrivals(after, limit)
          .flatMap(({ position, log: name_, from, to }) =>
            Array.from({ length: to - from }, (_, index) => [position + index, name_, from + index]),
          );
      const all = flat(0, 100);
      expect(all.map(([position]) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      fc.assert(
        fc.property(fc.nat(12), fc.integer({ min: 1, max: 12 }), (after, limit) => {
          expect(flat(after, limit)).toEqual(all.slice(after, after + limit));
        }),
      );
    });

    it("keeps what proves a log, also beyond what is held, and finds checkpoints", () => {
      const edge = { size: 2, noteSize: 5, note: "beyond", proof: [bytes32(1), bytes32(2)] };
      write(node, [runOf("A", 0, 2)], { edges: [edge] });
      expect(node.logs()).toMatchObject([
        { log: log("A"), by: by("A"), edge: { size: 2, noteSize: 5, note: "beyond" } },
      ]);
      expect(node.logs()[0]?.edge.proof.map((hash) => hash[0])).toEqual([1, 2]);
      expect(node.checkpointFrom(log("A"), 1)).toBeNull();
      write(node, [runOf("A", 2, 5)]);
      write(node, [runOf("A", 5, 6)]);
      expect(node.logs()[0]?.edge).toEqual(boundary({ log: log("A"), to: 6 }));
      expect(node.checkpointFrom(log("A"), 2)).toEqual({ size: 5, note: "A5" });
      expect(node.checkpointFrom(log("A"), 7)).toBeNull();
      expect(node.checkpointFrom(log("B"), 0)).toBeNull();
      expect(node.checkpoints(log("A"), 0, 9).map(({ size }) => size)).toEqual([5, 6]);
      expect(node.checkpoints(log("A"), 5, 1)).toEqual([{ size: 6, note: "A6" }]);
    });

    it.each<[what: string, run: WrittenRun]>([
      ["leaves a gap", runOf("A", 3, 4)],
      ["fills what is filled", runOf("A", 1, 2)],
      ["holds nothing", runOf("A", 2, 2)],
    ])("takes nothing at all where one run %s", (_what, run) => {
      write(node, [runOf("A", 0, 2)]);
      const reply = { key: key("k"), request: key("r"), reply: "{}", atMs: 1 };
      expect(() => write(node, [runOf("B", 0, 2), run], { replies: [reply] })).toThrow(RangeError);
      node.abandon();
      expect(node.head).toBe(2);
      expect(node.recall(key("k"))).toBeNull();
      expect(node.logs()).toHaveLength(1);
      expect(write(node, [runOf("C", 0, 1)])).toEqual([3]);
    });

    it("keeps nothing of a write that was abandoned", () => {
      node.begin({ runs: [runOf("A", 0, 1)], replies: [] });
      node.abandon();
      expect([node.head, node.unfinished, node.logs()]).toEqual([0, null, []]);
      expect(write(node, [runOf("B", 0, 1)])).toEqual([1]);
    });

    it("does one write at a time", () => {
      node.begin({ runs: [runOf("A", 0, 1)], replies: [] });
      expect(() => node.begin({ runs: [], replies: [] })).toThrow("begun");
      expect(() => node.forgetRepliesBefore(0)).toThrow("begun");
      node.abandon();
      node.forgetRepliesBefore(0);
    });

    it("keeps payloads apart from entries, and knows which are lacking", () => {
      const own = runOf("A", 0, 2, { payloads: [{ seq: 1, ...payload("own") }] });
      write(node, [own, runOf("B", 0, 3, { lacking: [0, 2] })]);
      expect(node.payload({ log: log("A"), seq: 1 })).toMatchObject(payload("own"));
      expect(node.payload({ log: log("A"), seq: 0 })).toBeNull();
      expect(node.payload({ log: log("C"), seq: 0 })).toBeNull();
      expect(node.lackingPayloads(0, 9)).toEqual([
        { position: 3, log: log("B"), seq: 0 },
        { position: 5, log: log("B"), seq: 2 },
      ]);
      expect(node.lackingPayloads(0, 1)).toHaveLength(1);
      node.keepPayloads([{ log: log("B"), seq: 0, ...payload("theirs") }]);
      node.keepPayloads([{ log: log("B"), seq: 0, ...payload("again") }]);
      const second = [{ position: 5, log: log("B"), seq: 2 }];
      expect([node.lackingPayloads(0, 9), node.lackingPayloads(3, 9)]).toEqual([second, second]);
      expect(node.payload({ log: log("B"), seq: 0 })).toMatchObject(payload("theirs"));
    });

    it("wants a payload anew that is no longer what was kept, and replaces it by the next one", () => {
      write(node, [runOf("A", 0, 2, { payloads: [{ seq: 1, ...payload("spoilt") }] })]);
      for (let times = 0; times < 2; times++) node.wantPayload({ log: log("A"), seq: 1 });
      expect(node.lackingPayloads(0, 9)).toEqual([{ position: 2, log: log("A"), seq: 1 }]);
      node.keepPayloads([{ log: log("A"), seq: 1, ...payload("whole") }]);
      expect(node.payload({ log: log("A"), seq: 1 })).toMatchObject(payload("whole"));
      expect(node.lackingPayloads(0, 9)).toEqual([]);
    });

    it("keeps a reply with its entries until it is too old", () => {
      const reply = { key: key("k"), request: key("r"), reply: '{"ok":true}', atMs: 1_000 };
      write(node, [runOf("A", 0, 1)], { replies: [reply] });
      expect(node.recall(key("k"))).toEqual(reply);
      const [first] = node.replies(0, 10);
      expect(first).toMatchObject(reply);
      expect(node.replies(first?.number ?? 0, 10)).toEqual([]);
      node.forgetRepliesBefore(1_000);
      expect(node.recall(key("k"))).toEqual(reply);
      node.forgetRepliesBefore(1_001);
      expect(node.recall(key("k"))).toBeNull();
    });

    it("keeps a branch beside the line it leaves, and which entries prove a fork", () => {
      write(node, [runOf("A", 0, 4)]);
      const branch = { of: log("A"), base: log("A"), size: 2 };
      write(node, [runOf("C", 2, 5, { branch }), runOf("B", 0, 2)], {
        proofs: [{ log: log("B"), seq: 1, proves: { log: log("A"), from: 3 } }],
      });
      expect(node.logs()).toMatchObject([
        { log: log("A"), edge: { size: 4 }, branch: null },
        { log: log("C"), edge: { size: 5 }, branch },
        { log: log("B"), branch: null },
      ]);
      expect(node.arrivals(4, 9)).toEqual([
        { position: 5, log: log("C"), from: 2, to: 5 },
        { position: 8, log: log("B"), from: 0, to: 2 },
      ]);
      expect(node.proofs()).toEqual([{ log: log("B"), seq: 1, proves: { log: log("A"), from: 3 } }]);
      expect(() => write(node, [runOf("D", 0, 1, { branch })])).toThrow();
    });

    it("keeps what the ledger must know of old entries, exactly", () => {
      const known = new Map([
        [log("B"), 4_000_000_000],
        [log("A"), 0],
      ]);
      const segment = {
        hashes: new Uint8Array(segmentEntries * 32).map((_, index) => index % 251),
        ms: new Float64Array(segmentEntries).map((_, index) => 1_700_000_000_000 + index),
        counters: new Uint16Array(segmentEntries).map((_, index) => 65_535 - index),
        base: known,
        learned: new Map([[3, new Map([[log("B"), 9]])]]),
      };
      const size = segmentEntries + 3;
      write(node, [runOf("A", 0, size), runOf("B", 0, 1)], {
        learned: [
          { log: log("A"), seq: 3, known: new Map([[log("B"), 9]]) },
          { log: log("A"), seq: segmentEntries, known },
        ],
        segments: [{ log: log("A"), index: 0, root: bytes32(8), segment }],
        heads: [["s", "a\nb"]],
        network: [
          { log: log("B"), seq: 0 },
          { log: log("A"), seq: 2 },
        ],
      });
      expect(node.segment(log("A"), 0)).toEqual(segment);
      expect(node.segmentRoots(log("A")).map((root) => root[0])).toEqual([8]);
      expect(node.segmentRoots(log("B"))).toEqual([]);
      expect(() => node.segment(log("A"), 1)).toThrow(expect.objectContaining({ code: "damaged" }));
      expect(node.learned(log("A"), segmentEntries, size)).toEqual(new Map([[segmentEntries, known]]));
      expect([node.heads("s"), node.heads("t")]).toEqual(["a\nb", null]);
      const many = [...Array.from({ length: 40 }, (_, index) => `t${index}`), "s"];
      expect(node.headsOfMany(many)).toEqual(new Map([["s", "a\nb"]]));
      expect(node.headsOfMany([])).toEqual(new Map());
      write(node, [runOf("B", 1, 2)], { heads: [["s", "c"]], network: [{ log: log("B"), seq: 1 }] });
      expect(node.heads("s")).toBe("c");
      const places = node.networkEntries().map((place) => [place.log, place.seq]);
      expect(places).toEqual([
        [log("B"), 0],
        [log("A"), 2],
        [log("B"), 1],
      ]);
    });

    it("says that there is room", () => {
      expect(node.hasRoom()).toBe(true);
    });
  });
}
