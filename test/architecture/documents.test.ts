// Goal: the auditor applies the same events as the nodes, by reading the same document, and shares no line of code.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("the auditor's copy of events.json is the document", () => {
  expect(read("services/auditor/src/events.json")).toBe(read("docs/reference/events.json"));
});
