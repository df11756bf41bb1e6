// Goal: a file of another form is refused as a whole, with the line and what it begins with; one bad line refuses no file.
import { existsSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readHistoryFile } from "./history-file.ts";
import { exampleLine } from "./read-history.ts";

function read(text: string) {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-history-"));
  const file = join(temp.path, "history.jsonl");
  writeFileSync(file, text);
  return readHistoryFile(file);
}

it.each([
  [
    "a table",
    "at,partner,fact\n2021-01-01,Orchard,initiative.proposed",
    /line 1 .* begins with "at,partner,fact"$/,
  ],
  ["an array", `\n[${exampleLine}]`, /line 2 is not a JSON object: it begins with "\[\{/],
  [
    "an array over several lines",
    `\ufeff[\n${exampleLine},\n${exampleLine}\n]`,
    /line 1 .* begins with "\["$/,
  ],
  ["one object over several lines", exampleLine.replaceAll(",", ",\n"), /line 1: not JSON/],
  ["other objects", '{"type":"x"}', /no line of .* is a fact; line 1: fact: is missing/],
  ["nothing", "\n \n", /holds no line/],
])("refuses %s", (_what, text, says) => {
  const refusal = { code: "usage", exitCode: 2, message: expect.stringMatching(says) };
  expect(() => read(text)).toThrow(expect.objectContaining(refusal));
});

it("takes a file with a bad line, at its beginning too", () => {
  const lines = read(`# 2021\n${exampleLine}`);
  expect(lines.map((line) => "fact" in line)).toEqual([false, true]);
});

it.runIf(existsSync("/dev/zero"))("refuses a device, which need never end", () => {
  expect(() => readHistoryFile("/dev/zero")).toThrow("/dev/zero is not a file");
});
