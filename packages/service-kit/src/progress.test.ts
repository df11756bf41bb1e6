// Goal: progress names its end, its estimate follows the present pace, and it never promises what it cannot know.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { counted, createProgress, duration } from "./progress.ts";

/** A clock of our own: each step is so many milliseconds later. */
function clocked(units: Parameters<typeof createProgress>[0]) {
  let at = 1_000_000;
  const progress = createProgress(units, () => at);
  return (afterMs: number, done: number, of: number) => {
    at += afterMs;
    return progress(done, of).text;
  };
}

describe("progress", () => {
  it("says how far it is, and how long the rest takes once that can be known", () => {
    const step = clocked("act");
    expect(step(0, 0, 31)).toBe("0 of 31 acts");
    expect(step(500, 1, 31)).toBe("1 of 31 acts");
    expect(step(24_500, 12, 31)).toBe("12 of 31 acts, about 40 s left");
    expect(step(1_000, 31, 31)).toBe("31 of 31 acts");
  });

  it("estimates from the last half minute, not from a fast or slow beginning", () => {
    const step = clocked("act");
    step(0, 0, 2_000);
    step(1_000, 1_000, 2_000);
    for (let done = 1_001; done < 1_040; done++) step(1_000, done, 2_000);
    expect(step(1_000, 1_040, 2_000)).toBe("1040 of 2000 acts, about 16 min left");
  });

  it("has no estimate while nothing moves", () => {
    const step = clocked(["entry", "entries"]);
    step(0, 5, 9);
    expect(step(20_000, 5, 9)).toBe("5 of 9 entries");
  });

  it("keeps few samples and finite numbers, however it is called", () => {
    const calls = fc.array(fc.tuple(fc.nat(100_000), fc.nat(50)), { maxLength: 300 });
    fc.assert(
      fc.property(calls, (steps) => {
        let at = 0;
        let done = 0;
        const progress = createProgress("act", () => at);
        for (const [ms, more] of steps) {
          at += ms;
          done += more;
          const { leftMs, text } = progress(done, 20_000);
          expect(leftMs === null || Number.isFinite(leftMs)).toBe(true);
          expect(text).toMatch(/^\d+ of 20000 acts(, about \d+ (s|min|h) left)?$/);
        }
      }),
    );
  });
});

describe("words", () => {
  it("are singular for one", () => {
    expect([counted(1, "commitment"), counted(0, "commitment"), counted(2, ["entry", "entries"])]).toEqual([
      "1 commitment",
      "0 commitments",
      "2 entries",
    ]);
  });

  it("round a duration up to a unit people use", () => {
    expect([0, 999, 40_000, 99_000, 100_000, 5_940_000, 7_200_001].map(duration)).toEqual([
      "1 s",
      "1 s",
      "40 s",
      "99 s",
      "2 min",
      "99 min",
      "3 h",
    ]);
  });
});
