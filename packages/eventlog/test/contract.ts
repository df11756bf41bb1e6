// Goal: what every engine promises, as one suite that each runs. Test only; exported as `@handfast/eventlog/contract`.
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Batch, Edge, EventLog, Seal } from "../src/event-log.ts";

const log = (letter: string): string => `${letter.repeat(21)}A`;
const by = (letter: string): string => `z6Mk${letter.repeat(44)}`;
const key = (letter: string): string => toB64u(new Uint8Array(32).fill(letter.charCodeAt(0)));
const header = (name: string, seq: number): Uint8Array => toBytes(`{"log":"${name}","seq":${seq}}`);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Entries [from, to) of the log with this letter. */
export const batchOf = (letter: string, from: number, to: number, more: Partial<Batch> = {}): Batch => ({
  log: log(letter),
  by: by(letter),
  from,
  headers: Array.from({ length: to - from }, (_, index) => header(letter, from + index)),
  payloads: [],
  lacking: [],
  ...more,
});
const boundary = (letter: string, size: number): Edge => ({
  size,
  noteSize: size,
  note: `${letter}${size}`,
  proof: [],
});
export const sealing: Seal = ({ log: name, from, headers }) =>
  boundary(name.charAt(0), from + headers.length);
const payload = (name: string) => ({ salt: new Uint8Array(32).fill(7), body: toBytes(`{"text":"${name}"}`) });

/** @param open Opens a new, empty log; the suite disposes it. */
export function describeEventLog(name: string, open: () => Promise<EventLog>): void {
  describe(`an event log on ${name}`, () => {
    let events: EventLog;
    beforeEach(async () => {
      events = await open();
    });
    afterEach(async () => events[Symbol.asyncDispose]());

    it("gives back what was appended, by log and in order of arrival", async () => {
      expect(await events.append([batchOf("A", 0, 3), batchOf("B", 0, 1)], { seal: sealing })).toEqual([
        1, 4,
      ]);
      expect(await events.append([batchOf("A", 3, 4)], { seal: sealing })).toEqual([5]);
      expect(events.head).toBe(5);
      expect((await events.range(log("A"), 1, 9)).map(text)).toEqual(
        [1, 2, 3].map((seq) => text(header("A", seq))),
      );
      expect(
        (await events.read(0, 100)).map((entry) => [entry.position, entry.log.charAt(0), entry.seq]),
      ).toEqual([
        [1, "A", 0],
        [2, "A", 1],
        [3, "A", 2],
        [4, "B", 0],
        [5, "A", 3],
      ]);
      expect(await events.range(log("C"), 0, 9)).toEqual([]);
    });

    it("reads on from any position, any number at a time", async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(12), fc.integer({ min: 1, max: 12 }), async (after, limit) => {
          await using again = await open();
          await again.append([batchOf("A", 0, 4), batchOf("B", 0, 3)], { seal: sealing });
          await again.append([batchOf("B", 3, 4)], { seal: sealing });
          await again.append([batchOf("A", 4, 6)], { seal: sealing });
          const all = await again.read(0, 100);
          expect(all.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
          expect(await again.read(after, limit)).toEqual(all.slice(after, after + limit));
        }),
        { numRuns: 30 },
      );
    });

    it("hands the seal what it reads back, and keeps what it answers", async () => {
      const seen: string[] = [];
      const seal: Seal = (_batch, stored) => {
        seen.push(...stored.map(text));
        return {
          size: 2,
          noteSize: 5,
          note: "beyond",
          proof: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
        };
      };
      await events.append([batchOf("A", 0, 2)], { seal });
      expect(seen).toEqual([0, 1].map((seq) => text(header("A", seq))));
      const [stored] = await events.logs();
      expect(stored).toMatchObject({
        log: log("A"),
        by: by("A"),
        edge: { size: 2, noteSize: 5, note: "beyond" },
      });
      expect(stored?.edge.proof.map((hash) => hash[0])).toEqual([1, 2]);
      expect(await events.checkpointFrom(log("A"), 1)).toBeNull();
      await events.append([batchOf("A", 2, 5)], { seal: sealing });
      expect((await events.logs())[0]?.edge).toEqual(boundary("A", 5));
    });

    it("finds the checkpoint at or above a size", async () => {
      for (const [from, to] of [
        [0, 1],
        [1, 4],
        [4, 6],
      ] as const)
        await events.append([batchOf("A", from, to)], { seal: sealing });
      expect(await events.checkpointFrom(log("A"), 2)).toEqual({ size: 4, note: "A4" });
      expect(await events.checkpointFrom(log("A"), 4)).toEqual({ size: 4, note: "A4" });
      expect(await events.checkpointFrom(log("A"), 7)).toBeNull();
      expect(await events.checkpointFrom(log("B"), 0)).toBeNull();
      expect(await events.checkpoints(log("A"), 1, 1)).toEqual([{ size: 4, note: "A4" }]);
      expect((await events.checkpoints(log("A"), 0, 9)).map(({ size }) => size)).toEqual([1, 4, 6]);
    });

    it.each<[what: string, batch: Batch]>([
      ["a gap", batchOf("A", 3, 4)],
      ["a slot that is filled", batchOf("A", 1, 2)],
      ["nothing", batchOf("A", 2, 2)],
      ["an empty header", batchOf("A", 2, 3, { headers: [new Uint8Array()] })],
    ])("takes nothing at all where one batch is %s", async (_what, batch) => {
      await events.append([batchOf("A", 0, 2)], { seal: sealing });
      const reply = { key: key("k"), request: key("r"), reply: "{}", atMs: 1 };
      const both = events.append([batchOf("B", 0, 2), batch], { seal: sealing, replies: [reply] });
      await expect(both).rejects.toThrow();
      expect(await events.read(0, 9)).toHaveLength(2);
      expect(await events.recall(key("k"))).toBeNull();
    });

    it("takes nothing where the seal throws, and goes on", async () => {
      const failing = events.append([batchOf("A", 0, 2)], {
        seal: () => {
          throw new Error("these are not the bytes");
        },
      });
      await expect(failing).rejects.toThrow("these are not the bytes");
      expect(events.head).toBe(0);
      expect(await events.logs()).toEqual([]);
      expect(await events.append([batchOf("B", 0, 1), batchOf("A", 0, 2)], { seal: sealing })).toEqual([
        1, 2,
      ]);
      expect((await events.read(0, 9)).map((entry) => entry.log.charAt(0))).toEqual(["B", "A", "A"]);
    });

    it("keeps payloads apart from entries, and knows which are lacking", async () => {
      const own = batchOf("A", 0, 2, { payloads: [{ seq: 1, ...payload("own") }] });
      await events.append([own, batchOf("B", 0, 3, { lacking: [0, 2] })], { seal: sealing });
      expect(await events.payload({ log: log("A"), seq: 1 })).toMatchObject(payload("own"));
      expect(await events.payload({ log: log("A"), seq: 0 })).toBeNull();
      expect(await events.payload({ log: log("C"), seq: 0 })).toBeNull();
      const [first, second] = await events.lackingPayloads(9);
      expect([first, second]).toEqual([
        { log: log("B"), seq: 0 },
        { log: log("B"), seq: 2 },
      ]);
      await events.keepPayloads([{ log: log("B"), seq: 0, ...payload("theirs") }]);
      await events.keepPayloads([{ log: log("B"), seq: 0, ...payload("again") }]);
      expect(await events.lackingPayloads(9)).toEqual([{ log: log("B"), seq: 2 }]);
      expect(await events.payload({ log: log("B"), seq: 0 })).toMatchObject(payload("theirs"));
    });

    it("keeps a reply with its entries until it is too old", async () => {
      const reply = { key: key("k"), request: key("r"), reply: '{"ok":true}', atMs: 1_000 };
      await events.append([batchOf("A", 0, 1)], { seal: sealing, replies: [reply] });
      expect(await events.recall(key("k"))).toEqual(reply);
      await events.forgetRepliesBefore(1_000);
      expect(await events.recall(key("k"))).toEqual(reply);
      await events.forgetRepliesBefore(1_001);
      expect(await events.recall(key("k"))).toBeNull();
    });

    it("keeps both notes of a fork", async () => {
      await events.append([batchOf("A", 0, 1)], { seal: sealing });
      const fork = { log: log("A"), size: 1, ours: "o", theirs: "t" };
      await events.keepFork(fork);
      await events.keepFork(fork);
      expect(await events.forks()).toEqual([fork]);
    });

    it("says that there is room", async () => {
      expect(await events.hasRoom()).toBe(true);
    });
  });
}
