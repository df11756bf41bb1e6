import fc from "fast-check";
import { expect, it } from "vitest";
import { createBackoff } from "./backoff.ts";
import { reconnectFirstMs, reconnectLastMs, reconnectSliceMs } from "./limits.ts";

it("waits longer each time, within bounds, spread at random, and from the start after a success", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 40 }),
      (spread) => {
        let index = 0;
        const backoff = createBackoff(() => spread[index] ?? 0);
        for (; index < spread.length; index += 1) {
          backoff.grow();
          const base = Math.min(reconnectFirstMs * 2 ** index, reconnectLastMs);
          expect(backoff.waitMs).toBeGreaterThanOrEqual(base);
          expect(backoff.waitMs).toBeLessThan(2 * base);
        }
        backoff.reset();
        expect(backoff.waitMs).toBe(reconnectFirstMs);
      },
    ),
  );
});

it("is slept through in slices, which add up to the whole wait", () => {
  let now = 0;
  const backoff = createBackoff(
    () => 0.5,
    () => now,
  );
  for (let attempt = 0; attempt < 20; attempt++) {
    const attemptedAt = now;
    backoff.grow();
    // As the client does it: dial when the last dial is so long ago, else sleep for the rest and ask again.
    for (let wait = backoff.slicedWaitMs; attemptedAt + wait > now; wait = backoff.slicedWaitMs) {
      const slept = attemptedAt + wait - now;
      expect(slept).toBeLessThanOrEqual(reconnectSliceMs);
      now += slept;
    }
    expect(now - attemptedAt).toBeCloseTo(backoff.waitMs);
  }
});
