// Goal: time changes how a commitment looks and never what it is; and whose move it is, only its parties are told.
import { defaultParameters } from "@handfast/protocol/charter";
import { describe, expect, it } from "vitest";
import { moves } from "../../src/commitment/moves.ts";
import { isOverdue, isPresumed, plainWord } from "../../src/commitment/views.ts";
import { dayMs, endOf } from "../../src/laws/time.ts";
import { commitmentIn, due, idOf, type Name, nameOf } from "./scene.ts";
import { crossedStages, stageNames, stageOf } from "./stages.ts";

const at = (stage: string) => {
  const { scene, subject } = stageOf(stage);
  return commitmentIn(scene, subject);
};
const waiting = (stage: string, viewer: Name) =>
  moves(at(stage), idOf(viewer), defaultParameters).map(
    (move) => `${nameOf(move.party)} ${move.verb} ${move.by}`,
  );

describe("at a moment", () => {
  it("a promise is overdue when its day and the days of grace are over, unless it was claimed", () => {
    const graceOver = endOf(due) + 2 * dayMs;
    expect(isOverdue(at("agreed"), graceOver - 1, defaultParameters)).toBe(false);
    expect(isOverdue(at("agreed"), graceOver, defaultParameters)).toBe(true);
    expect(isOverdue(at("claimed"), graceOver, defaultParameters)).toBe(false);
    expect(isOverdue(at("offered"), graceOver, defaultParameters)).toBe(false);
  });

  it("a claim nobody answered is presumed kept after the time there was to answer, and stays a claim", () => {
    const claimed = at("claimed");
    const answered = (claimed.claims[0]?.at ?? 0) + 14 * dayMs;
    expect(isPresumed(claimed, answered - 1, defaultParameters)).toBe(false);
    expect(isPresumed(claimed, answered, defaultParameters)).toBe(true);
    expect(isPresumed(at("disputed"), answered, defaultParameters)).toBe(false);
    expect(claimed.state).toBe("claimed");
  });

  it.each([
    ["requested", "asked"],
    ["offered", "offered"],
    ["countered", "offered"],
    ["help crossed", "asked"],
    ["agreed", "agreed"],
    ["pledged", "agreed"],
    ["progressed", "under way"],
    ["claimed", "done?"],
    ["disputed", "done?"],
  ])("what is %s is told to people as %s", (stage, word) => {
    expect(plainWord(at(stage))).toBe(word);
  });
});

describe("whose move it is", () => {
  it.each([
    ["requested", ["ferry answer 2026-06-30", "millrace answer 2026-06-30"]],
    ["half signed offer", ["ferry answer 2026-06-30"]],
    ["agreed", ["millrace claim 2026-06-30"]],
    ["revising", ["millrace claim 2026-06-30", "orchard answer 2026-12-31"]],
    ["claimed", ["ferry confirm 1970-01-15", "orchard confirm 1970-01-15"]],
    ["disputed", ["millrace claim null"]],
    ["help crossed", ["millrace settle null"]],
  ])("%s", (stage, expected) => {
    expect([...waiting(stage, "orchard")].sort()).toEqual(expected);
  });

  it("is told to its parties only", () => {
    for (const stage of stageNames) expect(waiting(stage, "heron")).toEqual([]);
  });

  it("of terms that crossed, is the move of the party that pulled back", () => {
    const settling = crossedStages().map(({ scene, subject }) =>
      moves(commitmentIn(scene, subject), idOf("ferry"), defaultParameters)
        .filter((move) => move.verb === "settle")
        .map((move) => nameOf(move.party)),
    );
    expect(settling).toEqual([["millrace"], ["millrace"]]);
  });
});
