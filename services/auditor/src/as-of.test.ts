import { expect, it } from "vitest";
import { parseAsOf } from "./as-of.ts";
import { escapeText } from "./escape.ts";

it.each([
  ["2026-03-01", "2026-03-01T23:59:59.999Z"],
  ["2024-02-29", "2024-02-29T23:59:59.999Z"],
  ["2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000Z"],
  ["2026-03-01T12:00:00.1239Z", "2026-03-01T12:00:00.123Z"],
  ["2026-03-01t14:30:00+02:30", "2026-03-01T12:00:00.000Z"],
])("reads %s", (text, instant) => {
  expect(new Date(parseAsOf(text) as number).toISOString()).toBe(instant);
});

it.each([
  "",
  "now",
  "2026-3-1",
  "2026-02-29",
  "2026-03-01T12:00Z",
  "2026-03-01 12:00:00Z",
  "2026-03-01T24:00:00Z",
  "2026-03-01T12:00:00",
])("does not guess what %j means", (text) => {
  expect(parseAsOf(text)).toBeUndefined();
});

it("leaves letters alone and spells out what moves a terminal or turns text around", () => {
  expect(escapeText("Grüße, 日本, 😀")).toBe("Grüße, 日本, 😀");
  expect(escapeText("a\u001b[31m\u009b\u202e\u2066\u0007b")).toBe(
    "a\\u{1b}[31m\\u{9b}\\u{202e}\\u{2066}\\u{7}b",
  );
});
