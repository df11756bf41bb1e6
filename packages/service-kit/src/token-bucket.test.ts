// Goal: a link gets what it is allowed and no more, whenever it comes. Method: random arrivals against a clock we move.
import fc from "fast-check";
import { expect, it } from "vitest";
import { createTokenBucket } from "./token-bucket.ts";

it("gives the burst at once, then one at a time, and says how long to wait", () => {
  let now = 0;
  const bucket = createTokenBucket(50, 100, { now: () => now });
  let given = 0;
  while (bucket.waitMs() === 0) {
    bucket.take(1);
    given += 1;
  }
  expect(given).toBe(100);
  expect(bucket.waitMs()).toBe(20);
  now += 20;
  expect(bucket.waitMs()).toBe(0);
});

it("never gives more than the burst and what time has brought, and serves callers that wait as told", () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 300 });
  fc.assert(
    fc.property(
      arrivals,
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 50 }),
      (gaps, rate, burst) => {
        let now = 1_000;
        const bucket = createTokenBucket(rate, burst, { now: () => now });
        let given = 0;
        for (const gap of gaps) {
          now += gap;
          const wait = bucket.waitMs();
          if (wait > 0) now += wait;
          expect(bucket.waitMs()).toBe(0);
          bucket.take(1);
          given += 1;
          expect(given).toBeLessThanOrEqual(burst + ((now - 1_000) / 1_000) * rate + 1e-6);
        }
      },
    ),
    // Thirds of a millisecond's tokens once did not add up to a whole one.
    { numRuns: 500, examples: [[[0, 0, 7, 1], 5, 3]] },
  );
});

it("pays back what was only known afterwards, and a clock set back neither fills nor empties it", () => {
  let now = 10_000;
  const bucket = createTokenBucket(10, 10, { now: () => now });
  bucket.take(30);
  expect(bucket.waitMs()).toBe(2_100);
  now -= 5_000;
  expect(bucket.waitMs()).toBe(2_100);
  now += 2_100;
  expect(bucket.waitMs()).toBe(0);
});
