// Goal: one thing reads well on a terminal, leaves out what there is not, and nothing that others wrote can drive the terminal.
import { expect, it } from "vitest";
import { proseSection, sheet } from "./sheet.ts";

it("labels its lines and sections, and leaves out what there is not", () => {
  expect(
    sheet(
      "Mend the press",
      [
        ["commitment", "a.1"],
        ["due", "2030-06-01"],
        ["external id", undefined],
        ["text", null],
        ["released by", ""],
      ],
      [proseSection("Text", "One\ntwo"), proseSection("Wanted", null)],
    ),
  ).toBe("Mend the press\n  commitment  a.1\n  due         2030-06-01\n\nText\n  One\n  two");
});

it("escapes what others wrote", () => {
  expect(sheet("\u001b[2Jgone", [["by", "a\u202eb"]], [proseSection("Text", "\u009bc")])).toBe(
    "\\u{1b}[2Jgone\n  by  a\\u{202e}b\n\nText\n  \\u{9b}c",
  );
});
