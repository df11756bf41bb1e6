// Goal: a start never deletes the key of a log that may be open. Method: the files that an interrupted opening leaves, by hand.
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { filesIn } from "../src/files.ts";
import { ledgerFolder, type TestFolder } from "./node.ts";

const nextKeyIn = ({ dir }: TestFolder): string => {
  const { logKey, nextLogKey } = filesIn(dir);
  copyFileSync(logKey, nextLogKey);
  return nextLogKey;
};

describe("the key of a next log that a start finds", () => {
  it("is kept where it cannot be used, and the start says which file", async () => {
    using folder = await ledgerFolder();
    const path = nextKeyIn(folder);
    chmodSync(path, 0o644);
    await expect(folder.open()).rejects.toMatchObject({
      code: "unusable",
      hint: expect.stringContaining(path),
    });
    expect(existsSync(path)).toBe(true);
    chmodSync(path, 0o600);
    await using ledger = await folder.open();
    expect(ledger.identity.partner).not.toBe("");
    expect(existsSync(path)).toBe(false);
  });

  it.each([0, 1, 40, -1])("is removed where writing it was cut off after %i bytes", async (bytes) => {
    using folder = await ledgerFolder();
    const path = nextKeyIn(folder);
    writeFileSync(path, readFileSync(path).subarray(0, bytes));
    await using ledger = await folder.open();
    expect(ledger.identity.partner).not.toBe("");
    expect(existsSync(path)).toBe(false);
  });
});
