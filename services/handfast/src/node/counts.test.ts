// Goal: a number on the command line is what its digits say, within its bounds; whatever else is typed is told with one that fits.
import { exitCodes } from "@handfast/api/exit-codes";
import { describe, expect, it } from "vitest";
import { countIn, hoursIn } from "./counts.ts";

/** What `Number` would take, or people might mean. */
const slips = ["1e1", "0x10", "-5", "+5", "", " ", " 5", "5 ", "1_0", "1,5", "five", "NaN", "Infinity", "٣"];

const refusalOf = (read: () => number): unknown => {
  try {
    return read();
  } catch (err) {
    return err;
  }
};

describe("a count", () => {
  const partners = (text: string) => countIn("--partners", text, { from: 1, to: 16 }, "--partners 8");

  it("is taken within its bounds", () => {
    expect(["1", "8", "16", "08"].map(partners)).toEqual([1, 8, 16, 8]);
  });

  it.each([...slips, "0", "17", "2.5", "99999999999999999999"])("%j is wrong usage", (text) => {
    expect(refusalOf(() => partners(text))).toMatchObject({
      message: `--partners: got ${JSON.stringify(text)}, expected a whole number from 1 to 16`,
      hint: "--partners 8",
      exitCode: exitCodes.usage,
    });
  });

  it("says where no upper bound is meant", () => {
    const refused = refusalOf(() => countIn("--limit", "0", { from: 1, to: Number.MAX_SAFE_INTEGER }, "x"));
    expect(refused).toMatchObject({ message: '--limit: got "0", expected a whole number from 1 on' });
  });
});

describe("hours", () => {
  it("may be parts of one", () => {
    expect(["0.5", "24", "72"].map(hoursIn)).toEqual([0.5, 24, 72]);
  });

  it.each([...slips, "0", "0.0", "72.1", "73", "100"])("%j is wrong usage", (text) => {
    expect(refusalOf(() => hoursIn(text))).toMatchObject({
      message: `--hours: got ${JSON.stringify(text)}, expected a number of hours above 0, 72 at most`,
      hint: "for example --hours 24",
      exitCode: exitCodes.usage,
    });
  });
});
