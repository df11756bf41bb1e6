// Goal: what was used within the last `most` uses is at hand, and no more than twice as many are ever kept.
import fc from "fast-check";
import { expect, it } from "vitest";
import { createAtHand } from "./at-hand.ts";

it("keeps what was set or found last, newest value first", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.nat(20), { maxLength: 200 }), (most, keys) => {
      const atHand = createAtHand<number, string>(most);
      const last: number[] = [];
      for (const [turn, key] of keys.entries()) {
        // Found where it was among the last `most` different keys.
        const recent = [...new Set(last.toReversed())].slice(0, most);
        if (recent.includes(key)) expect(atHand.get(key)).toBeDefined();
        atHand.set(key, `${turn}`);
        expect(atHand.get(key)).toBe(`${turn}`);
        last.push(key);
      }
      const kept = Array.from({ length: 21 }, (_, key) => key).filter((key) => atHand.get(key) !== undefined);
      expect(kept.length).toBeLessThanOrEqual(2 * most);
    }),
  );
});
