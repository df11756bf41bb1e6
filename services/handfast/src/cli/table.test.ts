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
