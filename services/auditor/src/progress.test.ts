/** Goal: progress has an end, says so in words, and is drawn no more often than anyone can read. */
import { describe, expect, it } from "vitest";
import { createProgressLine, describeProgress } from "./progress.ts";

describe("progress", () => {
  it.each([
    [["reading", 0, 5_000_000, 0], "reading: 0 of 5 MB"],
    [["reading", 2_500_000, 5_000_001, 900], "reading: 2 of 6 MB"],
    [["reading", 1_000_000, 5_000_000, 10_000], "reading: 1 of 5 MB, about 40 s left"],
    [["folding", 10, 1_000, 2_000], "folding: 10 of 1000 things, about 4 min left"],
    [["folding", 1, 10_000, 2_000], "folding: 1 of 10000 things, about 6 h left"],
    [["folding", 31, 31, 9_000], "folding: 31 of 31 things"],
  ] as const)("%j is told as %s", ([step, done, of, tookMs], told) => {
    expect(describeProgress(step, done, of, tookMs)).toBe(told);
  });

  it("is drawn ten times a second, at each step's end, and wiped at last", () => {
    const drawn: string[] = [];
    let now = 0;
    const line = createProgressLine(
      (text) => drawn.push(text.replace("\r\u001b[K", "")),
      () => now,
    );
    for (; now < 1_000; now += 10) line.onProgress("reading", 1_000_000, 9_000_000);
    line.onProgress("reading", 9_000_000, 9_000_000);
    line.onProgress("folding", 0, 2);
    line.clear();
    line.clear();
    expect(drawn.slice(0, 10)).toEqual(Array(10).fill("reading: 1 of 9 MB"));
    expect(drawn.slice(10)).toEqual(["reading: 9 of 9 MB", "folding: 0 of 2 things", ""]);
  });
});
