/** Goal: nothing from a bundle reaches a terminal as a control, in a table or in JSON, and JSON still says the same. */
import { expect, it } from "vitest";
import { escapeText, formatJson } from "./escape.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: none must be left
const raw = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const evil = "a\u001b]0;b\u0007 \u009b31m \u202egnp \u2066x\u2069 \u200b\u061c\ufeff\u2028 é 漢 \ud83c\udf33";

it("writes what a terminal would obey as its code", () => {
  expect(escapeText("\u009b31m\u202e")).toBe("\\u{9b}31m\\u{202e}");
  expect(escapeText(evil)).not.toMatch(raw);
  expect(escapeText("é 漢 \ud83c\udf33")).toBe("é 漢 \ud83c\udf33");
});

it("writes JSON that parses to the same value", () => {
  const value = { [evil]: [evil, 1, null] };
  expect(formatJson(value)).not.toMatch(raw);
  expect(JSON.parse(formatJson(value))).toEqual(value);
});
