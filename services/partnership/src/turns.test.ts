// Goal: acts on one thing never overlap, also after failures; acts on different things do not wait for each other.
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTurns } from "./turns.ts";

describe("turns", () => {
  it("are taken one after the other for one key, in order, also over failures", async () => {
    const acts = fc.array(
      fc.record({ key: fc.constantFrom("a", "b"), fails: fc.boolean(), length: fc.nat(3) }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(acts, async (asked) => {
        const turns = createTurns();
        const running = new Set<string>();
        const seen: number[] = [];
        const one = async ({ key, fails, length }: (typeof asked)[number], index: number) => {
          expect(running.has(key)).toBe(false);
          running.add(key);
          for (let count = 0; count < length; count++) await turnOfTheLoop();
          running.delete(key);
          seen.push(index);
          if (fails) throw new Error("an act that fails");
        };
        const all = asked.map((act, index) => turns.take(act.key, () => one(act, index)));
        await Promise.allSettled(all);
        for (const key of ["a", "b"]) {
          const order = seen.filter((index) => asked[index]?.key === key);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
        expect(seen).toHaveLength(asked.length);
      }),
      { numRuns: 200 },
    );
  });
});
