// Goal: a dirty history is planned line by line, and nothing of it vanishes. Method: a small history that holds every kind
// of dirt, then laws over any history fast-check invents.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Line, mostActive, readHistory } from "./facts.ts";
import { type Outcome, planHistory } from "./plan.ts";

const at = (day: number) => `2021-01-${String(day).padStart(2, "0")}T00:00:00Z`;
const history = (...facts: readonly Record<string, unknown>[]): readonly Line[] =>
  readHistory(
    facts.map((fact, index) => JSON.stringify({ at: at(index + 1), initiative: "i", ...fact })).join("\n"),
  );
const said = (outcome: Outcome): string =>
  "act" in outcome ? "act" : "leftOut" in outcome ? "left out" : outcome.notPlaced;
const proposed = { fact: "initiative.proposed", partner: "a", title: "T" };
const made = { fact: "commitment.made", partner: "a", commitment: "c", title: "M", due: "2021-06-01" };
const everyone = () => true;

describe("a plan", () => {
  it.each<[what: string, facts: readonly Record<string, unknown>[], outcomes: readonly string[]]>([
    ["a second proposal", [proposed, proposed], ["act", "already-proposed"]],
    [
      "a lead that changes before anything else",
      [{ fact: "lead.changed", partner: "a", to: "b" }],
      ["initiative-not-proposed"],
    ],
    [
      "a lead that changes to itself",
      [proposed, { fact: "lead.changed", partner: "a", to: "a" }],
      ["act", "handoff-to-self"],
    ],
    [
      "a lead changed by another",
      [proposed, { fact: "lead.changed", partner: "b", to: "c" }],
      ["act", "not-the-lead"],
    ],
    [
      "a status by another",
      [proposed, { fact: "initiative.status", partner: "b", status: "s" }],
      ["act", "not-the-lead"],
    ],
    [
      "who joins twice",
      [proposed, { fact: "partner.joined", partner: "b" }, { fact: "partner.joined", partner: "b" }],
      ["act", "act", "already-joined"],
    ],
    [
      "who leaves and never joined",
      [proposed, { fact: "partner.left", partner: "b" }],
      ["act", "not-a-participant"],
    ],
    [
      "a fulfilment before the promise",
      [proposed, { ...made, fact: "commitment.fulfilled", due: undefined }, made],
      ["act", "commitment-not-made", "act"],
    ],
    ["a promise made twice", [proposed, made, made], ["act", "act", "already-made"]],
    [
      "a promise made again once withdrawn",
      [proposed, made, { ...made, fact: "commitment.withdrawn", due: undefined }, made],
      ["act", "act", "act", "act"],
    ],
    [
      "a fulfilment by another",
      [proposed, made, { ...made, fact: "commitment.fulfilled", partner: "b", due: undefined }],
      ["act", "act", "not-the-debtor"],
    ],
    ["a line that is none", [proposed, { fact: "rumour", partner: "a" }], ["act", "malformed-line"]],
  ])("with %s", (_what, facts, outcomes) => {
    expect(planHistory(history(...facts), everyone).map(said)).toEqual(outcomes);
  });

  it("says what follows from a partner without a node, in that initiative only", () => {
    const lines = history(
      proposed,
      { fact: "lead.changed", partner: "a", to: "far" },
      { fact: "initiative.status", partner: "far", status: "s" },
      { fact: "lead.changed", partner: "far", to: "b" },
      { fact: "initiative.status", partner: "b", status: "s" },
      { ...proposed, initiative: "j" },
    );
    expect(planHistory(lines, (partner) => partner !== "far").map(said)).toEqual([
      "act",
      "needs-partner-without-node",
      "left out",
      "left out",
      "needs-partner-without-node",
      "act",
    ]);
  });

  it("lets pledges made as lead go along, and the seat's term grow", () => {
    const lines = history(
      proposed,
      made,
      { ...made, partner: "b", commitment: "other" },
      { fact: "lead.changed", partner: "a", to: "b" },
      { fact: "commitment.rescheduled", partner: "b", commitment: "c", due: "2021-07-01" },
    );
    const acts = planHistory(lines, everyone).flatMap((outcome) => ("act" in outcome ? [outcome.act] : []));
    expect(acts[3]).toMatchObject({ term: 1, lead: "a", carries: [{ id: "c", making: 0 }] });
    expect(acts[4]).toMatchObject({ term: 2, lead: "b", making: 0 });
  });

  it("moves the state only where the source's word means the same", () => {
    const status = (word: string) => ({ fact: "initiative.status", partner: "a", status: word });
    const lines = history(
      proposed,
      status("implemented"),
      status("implementable"),
      status("implementable"),
      status("deferred"),
      status("implementable"),
      status("implemented"),
      status("withdrawn"),
    );
    const transitions = planHistory(lines, everyone).map((outcome) =>
      "act" in outcome ? outcome.act.transition : "?",
    );
    expect(transitions).toEqual([
      undefined,
      undefined,
      "adopt",
      undefined,
      "pause",
      "resume",
      "complete",
      undefined,
    ]);
  });

  it("has one outcome a line, in order, whatever the file", () => {
    const partner = fc.constantFrom("a", "b", "c");
    const base = { initiative: fc.constantFrom("i", "j"), partner };
    const commitment = fc.constantFrom("c", "d");
    const due = fc.constant("2021-06-01");
    const fact = fc.oneof(
      fc.record({ ...base, fact: fc.constant("initiative.proposed"), title: fc.constant("T") }),
      fc.record({ ...base, fact: fc.constant("lead.changed"), to: partner }),
      fc.record({ ...base, fact: fc.constantFrom("partner.joined", "partner.left") }),
      fc.record({ ...base, fact: fc.constant("commitment.made"), commitment, due, title: fc.constant("M") }),
      fc.record({
        ...base,
        fact: fc.constantFrom("commitment.withdrawn", "commitment.fulfilled"),
        commitment,
      }),
    );
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 28 }), (facts) => {
        const lines = history(...facts);
        const plan = planHistory(lines, (one) => one !== "c");
        expect(plan.map((outcome) => outcome.line)).toEqual(lines.map((line) => line.line));
        expect(plan.filter((outcome) => "act" in outcome && outcome.act.fact.partner === "c")).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the most active partners", () => {
  it("are those with most facts of their own, ties by first appearance", () => {
    const lines = history(
      { ...proposed, partner: "late" },
      { ...proposed, partner: "busy" },
      { ...proposed, partner: "busy" },
      { ...proposed, partner: "quiet" },
    );
    expect(mostActive(lines, 2)).toEqual(["busy", "late"]);
  });
});

describe("a line's key", () => {
  it("is the same in a longer file, and differs for a line that repeats", () => {
    const short = history(proposed, proposed.partner === "a" ? { ...proposed, at: at(1) } : {});
    const keys = short.map((line) => ("key" in line ? line.key : ""));
    expect(new Set(keys).size).toBe(2);
    expect(keys[0]?.split(".")[0]).toBe(keys[1]?.split(".")[0]);
  });
});
