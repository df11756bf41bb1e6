// Goal: the files cannot drift from what makes them: a change of either is seen here, and made on purpose.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { generated } from "./generate.ts";

it.each(generated)("%s is what generate.ts writes", (name, text) => {
  expect(readFileSync(new URL(name, import.meta.url), "utf8")).toBe(text);
});
