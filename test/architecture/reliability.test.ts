// Goal: docs/reliability.md names a test, or says that there is none, for every fault, every attempt, and all that first users stumbled over; and what it names is there.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "reliability.md"), "utf8");
const rows = page
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter(([, id = ""]) => /^[A-FU][0-9]+$/.test(id))
  .map(([, id = "", , , test = ""]) => ({ id, test }));

const numbered = (letter: string, from: number, to: number, width = 1): string[] =>
  Array.from(
    { length: to - from + 1 },
    (_, index) => `${letter}${String(from + index).padStart(width, "0")}`,
  );
const expected = [
  ...numbered("F", 1, 50, 2),
  ...numbered("A", 1, 6),
  ...numbered("B", 7, 16),
  ...numbered("C", 17, 27),
  ...numbered("U", 1, 26),
];

describe("the table of faults", () => {
  it("has a row for each, in order", () => {
    expect(rows.map(({ id }) => id)).toEqual(expected);
  });

  it.each(rows)("names for $id tests that are there, or says not yet and what is missing", ({ test }) => {
    const named = [...test.matchAll(/`([^`]+\.test\.ts)` "([^"]+)"/g)];
    expect(named.length > 0 || test.startsWith("not yet"), test).toBe(true);
    for (const [, path = "", name = ""] of named) {
      expect(existsSync(join(root, path)), path).toBe(true);
      expect(readFileSync(join(root, path), "utf8"), `${path} has no "${name}"`).toContain(name);
    }
  });
});
