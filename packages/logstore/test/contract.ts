// Goal: what every engine for logs promises, as one suite that each runs. Test only; exported as `@handfast/logstore/contract`.
import { toBytes } from "@handfast/protocol/bytes";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LogStore } from "../src/log-store.ts";

export const logNamed = (letter: string): string => `${letter.repeat(21)}A`;
export const headersOf = (letter: string, from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, index) => toBytes(`{"log":"${letter}","seq":${from + index}}`));
const [a, b] = [logNamed("A"), logNamed("B")];
const bytes = (headers: readonly Uint8Array[]): Buffer[] => headers.map((header) => Buffer.from(header));

/**
 * @param open Opens a new, empty store; the suite disposes it.
 * @param settle Makes what was appended durable where that takes a commit elsewhere.
 */
export function describeLogStore(
  name: string,
  open: () => Promise<{ readonly logs: LogStore; readonly settle: () => void } & AsyncDisposable>,
): void {
  describe(`a log store on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let logs: LogStore;
    beforeEach(async () => {
      opened = await open();
      ({ logs } = opened);
    });
    afterEach(async () => opened[Symbol.asyncDispose]());

    it("reads back exactly what was appended, and nothing of an unknown log", async () => {
      expect(await logs.append(a, 0, headersOf("A", 0, 3))).toEqual({ ok: true });
      // Read back before it is durable: that is what is signed.
      expect(bytes(await logs.read(a, 0, 3))).toEqual(bytes(headersOf("A", 0, 3)));
      opened.settle();
      expect(await logs.append(b, 0, headersOf("B", 0, 1))).toEqual({ ok: true });
      expect(await logs.append(a, 3, headersOf("A", 3, 4))).toEqual({ ok: true });
      opened.settle();
      expect(bytes(await logs.read(a, 1, 9))).toEqual(bytes(headersOf("A", 1, 4)));
      expect(await logs.read(logNamed("C"), 0, 9)).toEqual([]);
      expect([await logs.size(a), await logs.size(b), await logs.size(logNamed("C"))]).toEqual([4, 1, 0]);
      expect([...(await logs.logs())].sort((left, right) => (left.log < right.log ? -1 : 1))).toEqual([
        { log: a, size: 4 },
        { log: b, size: 1 },
      ]);
    });

    it.each([
      ["beyond its end", 3],
      ["below its end", 1],
      ["as if it were new", 0],
    ])("changes nothing where a log is expected %s, and says how long it is", async (_what, expected) => {
      await logs.append(a, 0, headersOf("A", 0, 2));
      opened.settle();
      expect(await logs.append(a, expected, headersOf("X", expected, expected + 2))).toEqual({
        ok: false,
        size: 2,
      });
      opened.settle();
      expect(bytes(await logs.read(a, 0, 9))).toEqual(bytes(headersOf("A", 0, 2)));
      expect(await logs.append(a, 2, headersOf("A", 2, 3))).toEqual({ ok: true });
    });

    it.each([
      ["nothing", []],
      ["an empty header", [...headersOf("A", 2, 3), new Uint8Array()]],
      ["a header above 4,096 bytes", [new Uint8Array(4_097).fill(32)]],
    ])("takes no part of %s", async (_what, headers) => {
      await logs.append(a, 0, headersOf("A", 0, 2));
      opened.settle();
      await expect(logs.append(a, 2, headers)).rejects.toThrow(RangeError);
      expect(await logs.size(a)).toBe(2);
      expect(await logs.append(a, 2, headersOf("A", 2, 3))).toEqual({ ok: true });
    });

    it("takes appends to several logs at once", async () => {
      const names = Array.from({ length: 9 }, (_, index) => logNamed(String(index)));
      const all = await Promise.all(
        names.map((log, index) => logs.append(log, 0, headersOf(`${index}`, 0, 5))),
      );
      opened.settle();
      expect(all.every(({ ok }) => ok)).toBe(true);
      for (const [index, log] of names.entries())
        expect(bytes(await logs.read(log, 0, 9))).toEqual(bytes(headersOf(`${index}`, 0, 5)));
    });

    it("reads any range", async () => {
      await logs.append(a, 0, headersOf("A", 0, 700));
      opened.settle();
      await fc.assert(
        fc.asyncProperty(fc.nat(720), fc.nat(720), async (from, to) => {
          const expected = headersOf("A", 0, 700).slice(from, Math.max(from, to));
          expect(bytes(await logs.read(a, from, to))).toEqual(bytes(expected));
        }),
        { numRuns: 20 },
      );
    });
  });
}
