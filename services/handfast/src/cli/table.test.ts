// Goal: a table lines up, and nothing in it can drive the terminal.
import { expect, it } from "vitest";
import { jsonLine, table } from "./table.ts";

it("lines up its columns and escapes what others wrote", () => {
  expect(
    table(
      ["id", "title"],
      [
        ["a.1", "\u001b[2Jgone\u202e"],
        ["abc.22", null],
      ],
    ),
  ).toBe("id      title\na.1     \\u{1b}[2Jgone\\u{202e}\nabc.22  -");
});

it("cuts a long title at the terminal's width, and never the id", () => {
  const lines = table(["id", "title"], [["RmBVbYlMcVbGdnqJIm2XAQ.12", "long ".repeat(40)]], 44, 60).split(
    "\n",
  );
  expect(lines[1]).toBe(`RmBVbYlMcVbGdnqJIm2XAQ.12  ${"long ".repeat(6)}lo…`);
  const narrow = table(["id", "title"], [["RmBVbYlMcVbGdnqJIm2XAQ.12", "a title of some words"]], 44, 20);
  expect(narrow).toContain("RmBVbYlMcVbGdnqJIm2XAQ.12  a title of some…");
});

it("lays out more rows than a call takes arguments", () => {
  const rows = Array.from({ length: 200_000 }, (_none, index) => [String(index)]);
  expect(table(["id"], rows).split("\n")).toHaveLength(200_001);
});

it("writes JSON that a terminal does not obey, and that parses to the same value", () => {
  const evil =
    "a\u001b]0;b\u0007 \u009b31m \u202egnp \u2066x\u2069 \u200b\u061c\ufeff\u2028 é 漢 \ud83c\udf33";
  const value = { [evil]: [evil, 1, null] };
  expect(JSON.parse(jsonLine(value))).toEqual(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none must be left
  const raw = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
  expect(jsonLine(value)).not.toMatch(raw);
});
