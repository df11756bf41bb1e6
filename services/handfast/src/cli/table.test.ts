// Goal: a table lines up, and nothing in it can drive the terminal.
import { expect, it } from "vitest";
import { table } from "./table.ts";

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
