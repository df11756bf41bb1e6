// Goal: no new log has an id that a command line would take for an option.
import { LogId } from "@handfast/protocol/ids";
import { expect, it } from "vitest";
import { createLogId } from "./init.ts";

it("draws again where an id would begin with a hyphen", () => {
  const firstBytes = [0xf8, 0xfb, 0x04];
  const log = createLogId(() => Uint8Array.of(firstBytes.shift() ?? 0, ...new Uint8Array(15)));
  expect(log).toBe(`B${"A".repeat(21)}`);
  expect(LogId.safeParse(log).success).toBe(true);
});

it("never begins one so", () => {
  for (let count = 0; count < 1_000; count++) expect(createLogId()).not.toMatch(/^-/);
});
