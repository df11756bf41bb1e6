// Goal: the options that say whose a name in a file is cannot take another member's facts.
import { describe, expect, it } from "vitest";
import { chooseNames } from "./choose-names.ts";
import { readHistory } from "./read-history.ts";

const fact = (partner: string, line: number) =>
  JSON.stringify({
    fact: "initiative.proposed",
    initiative: `i-${line}`,
    title: "A hedge",
    partner,
    at: "2020-01-01T00:00:00Z",
  });
const lines = readHistory(["Orchard", "Millrace", "Old Orchard"].map(fact).join("\n"));
const choose = (as: readonly string[], names: readonly (readonly [string, string])[] = []) =>
  chooseNames({
    lines,
    file: "history.ndjson",
    self: "Orchard",
    members: ["Orchard", "Millrace"],
    as,
    names: new Map(names),
    only: [],
  });

describe("an alias", () => {
  it("may be a name that no partner bears, or the partner's own", () => {
    expect(choose(["Old Orchard", "Orchard"])("Old Orchard")).toMatchObject({ partner: "Orchard" });
    expect(choose([], [["Old Orchard", "Millrace"]])("Old Orchard")).toMatchObject({ partner: "Millrace" });
  });

  it("is refused where another partner bears it", () => {
    expect(() => choose(["Millrace"])).toThrow(/--as: Millrace is a partner of this network itself/);
    expect(() => choose([], [["Millrace", "Orchard"]])).toThrow(/--names: Millrace is a partner/);
    expect(() => choose([], [["Orchard", "Millrace"]])).toThrow(/--names: Orchard is a partner/);
  });
});
