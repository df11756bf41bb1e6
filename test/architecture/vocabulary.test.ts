// Goal: a word means one thing everywhere. Method: each banned word is looked for where it is banned, and shown
// to be found.
import { describe, expect, it } from "vitest";
import { readPages, readSources } from "./packages.ts";
import { breachesOfVocabulary } from "./vocabulary.ts";

describe("the vocabulary", () => {
  it("is kept", () => {
    expect([...readSources(), ...readPages()].flatMap(breachesOfVocabulary)).toEqual([]);
  });

  it.each([
    ["packages/storage/src/sqlite.ts", "await log.commit(batch)"],
    ["services/initiatives/src/view.ts", "const lead = ownerOf(initiative)"],
    ["packages/views/src/follow.ts", "saveCheckpoint(position)"],
    ["packages/domain/src/partner.ts", "type Partner = { userId: string }"],
    ["services/ledger/src/ledger.ts", "/** A folder that is no ledger. */"],
    ["services/gateway/README.md", "Whoever holds a token may call."],
    ["docs/architecture.md", "It is kept for ever."],
    ["services/gateway/src/event-routes.ts", 'summary: "Each entry with what became of it"'],
    ["packages/domain/src/whole.ts", "/** In the order of visiting. */"],
    ["services/ledger/README.md", "The ledger holds the pen."],
    ["packages/tlog/src/utils.ts", ""],
    ["services/partnership/src/common/ids.ts", ""],
  ])("would not let pass: %s %s", (path, text) => {
    expect(breachesOfVocabulary({ path, text })).toHaveLength(1);
  });

  it("lets other words be", () => {
    const text =
      "// There is no such commitment.\nconst commitment = commitmentOf(entry); await append(batch)";
    expect(breachesOfVocabulary({ path: "packages/domain/src/commitment.ts", text })).toEqual([]);
  });
});
