// Goal: a word means one thing everywhere. Method: each banned word is looked for where it is banned, and shown
// to be found.
import { describe, expect, it } from "vitest";
import { readSources } from "./packages.ts";
import { breachesOfVocabulary } from "./vocabulary.ts";

describe("the vocabulary", () => {
  it("is kept", () => {
    expect(readSources().flatMap(breachesOfVocabulary)).toEqual([]);
  });

  it.each([
    ["packages/storage/src/sqlite.ts", "await log.commit(batch)"],
    ["services/initiatives/src/view.ts", "const lead = ownerOf(initiative)"],
    ["packages/views/src/follow.ts", "saveCheckpoint(position)"],
    ["packages/domain/src/partner.ts", "type Partner = { userId: string }"],
    ["packages/tlog/src/utils.ts", ""],
    ["services/partnership/src/common/ids.ts", ""],
  ])("would not let pass: %s %s", (path, text) => {
    expect(breachesOfVocabulary({ path, text })).toHaveLength(1);
  });

  it("lets other words be", () => {
    const text = "const commitment = commitmentOf(entry); await append(batch)";
    expect(breachesOfVocabulary({ path: "packages/domain/src/commitment.ts", text })).toEqual([]);
  });
});
