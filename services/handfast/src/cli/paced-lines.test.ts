// Goal: progress that is kept as lines has an end, and short work has none. Method: a clock of our own.
import { expect, it } from "vitest";
import { createPacedLines } from "./paced-lines.ts";

function clocked() {
  let at = 5_000;
  const lines = createPacedLines(() => at);
  return {
    after: (ms: number, text: string) => {
      at += ms;
      return lines.next(text);
    },
    end: lines.end,
  };
}

it("says nothing of work that is over within a second", () => {
  const work = clocked();
  expect([work.after(0, "0 of 56"), work.after(300, "20 of 56"), work.after(600, "56 of 56")]).toEqual([
    null,
    null,
    null,
  ]);
  expect(work.end("wrote it")).toBeNull();
});

it("says a line a second, and in the end the last count", () => {
  const work = clocked();
  expect(work.after(0, "0 of 4")).toBeNull();
  expect(work.after(1_000, "1 of 4")).toBe("1 of 4");
  expect(work.after(400, "3 of 4")).toBeNull();
  expect(work.after(100, "4 of 4")).toBeNull();
  expect(work.end("placed 4 facts")).toBe("4 of 4");
  // The next piece of work begins anew.
  expect(work.after(5_000, "0 of 9")).toBeNull();
  expect(work.end("done")).toBeNull();
});

it("repeats nothing that was shown, or is said anyway", () => {
  const work = clocked();
  work.after(0, "0 of 4");
  expect(work.after(2_000, "4 of 4")).toBe("4 of 4");
  expect(work.end("done")).toBeNull();
  work.after(0, "0 of 4");
  work.after(2_000, "2 of 4");
  work.after(1, "4 of 4");
  expect(work.end("[ 3.2 s] 4 of 4 acts")).toBeNull();
});
