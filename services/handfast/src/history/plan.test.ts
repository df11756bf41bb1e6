// Goal: every line of a history has one outcome, for the true reasons, and nothing of it vanishes. Method: small histories that
// hold every kind of trouble, then laws over any history fast-check invents.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNaming } from "./naming.ts";
import { type Act, type Outcome, planHistory } from "./plan.ts";
import { type Line, mostActive, readHistory } from "./read-history.ts";

type Facts = readonly Readonly<Record<string, unknown>>[];
const at = (day: number) => `2021-01-${String(day).padStart(2, "0")}T00:00:00Z`;
const history = (...facts: Facts): readonly Line[] =>
  readHistory(
    facts.map((fact, index) => JSON.stringify({ at: at(index + 1), initiative: "i", ...fact })).join("\n"),
  );
const now = Date.UTC(2022, 0, 1);
const plan = (lines: readonly Line[], partners = ["a", "b", "c"]) =>
  planHistory(lines, { naming: createNaming(partners), now });
const said = (outcome: Outcome): string => {
  if ("act" in outcome) return "act";
  if ("repeats" in outcome) return `repeats ${outcome.repeats}`;
  return "leftOut" in outcome ? "left out" : outcome.notPlaced.map((why) => why.reason).join(" + ");
};
const actsIn = (outcomes: readonly Outcome[]): readonly Act[] =>
  outcomes.flatMap((outcome) => ("act" in outcome ? [outcome.act] : []));

const proposed = { fact: "initiative.proposed", partner: "a", title: "T" };
const made = { fact: "commitment.made", partner: "a", commitment: "c", title: "M", due: "2021-06-01" };
const act = (kind: string, partner = "a") => ({ fact: kind, partner, commitment: "c" });

describe("a plan", () => {
  it.each<[what: string, facts: Facts, outcomes: readonly string[]]>([
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
      "a lead changed by another, to itself",
      [proposed, { fact: "lead.changed", partner: "b", to: "b" }],
      ["act", "not-the-lead + handoff-to-self"],
    ],
    [
      "a status by another",
      [proposed, { fact: "initiative.status", partner: "b", status: "s" }],
      ["act", "not-the-lead"],
    ],
    [
      "a partner that joins twice",
      [proposed, { fact: "partner.joined", partner: "b" }, { fact: "partner.joined", partner: "b" }],
      ["act", "act", "already-joined"],
    ],
    [
      "a partner that leaves and never joined",
      [proposed, { fact: "partner.left", partner: "b" }],
      ["act", "not-a-participant"],
    ],
    [
      "a fulfilment before the promise",
      [proposed, act("commitment.fulfilled"), made],
      ["act", "commitment-not-made", "act"],
    ],
    ["a promise made twice", [proposed, made, made], ["act", "act", "already-made"]],
    [
      "a promise made again once withdrawn",
      [proposed, made, act("commitment.withdrawn"), made],
      ["act", "act", "act", "act"],
    ],
    [
      "a second fulfilment, by another",
      [proposed, made, act("commitment.fulfilled"), act("commitment.fulfilled", "b")],
      ["act", "act", "act", "not-the-debtor + commitment-fulfilled"],
    ],
    ["a line that is not a fact", [proposed, { fact: "rumour", partner: "a" }], ["act", "malformed-line"]],
    ["a line with two faults", [{ ...made, due: "soon", title: "" }], ["malformed-line + malformed-line"]],
    [
      "a fact of tomorrow",
      [proposed, { fact: "partner.joined", partner: "b", at: "2022-01-02T00:00:00Z" }],
      ["act", "in-the-future"],
    ],
    [
      "a fact of the next minute",
      [proposed, { fact: "partner.joined", partner: "b", at: "2022-01-01T00:01:00Z" }],
      ["act", "in-the-future"],
    ],
    [
      "a partner whose name is longer than a partner's may be",
      [proposed, { ...made, partner: "f".repeat(65) }, act("commitment.fulfilled", "f".repeat(1_001))],
      ["act", "left out", "malformed-line"],
    ],
    [
      "a fact of tomorrow, by a stranger",
      [{ ...proposed, partner: "far", at: "2022-01-02T00:00:00Z" }],
      ["in-the-future + needs-partner-without-node"],
    ],
  ])("with %s", (_what, facts, outcomes) => {
    expect(plan(history(...facts)).map(said)).toEqual(outcomes);
  });

  it("knows a line that says the same again, in another order and form", () => {
    const lines = readHistory(
      [
        '{"at":"2021-01-01T00:00:00Z","partner":"a","fact":"initiative.proposed","initiative":"i","title":"T"}',
        '{"title":"T","initiative":"i","fact":"initiative.proposed","partner":" A","at":"2021-01-01"}',
        '{"at":"2021-01-01T01:00:00+01:00","partner":"a","fact":"initiative.proposed","initiative":"i","title":"Tt"}',
      ].join("\n"),
    );
    expect(plan(lines).map(said)).toEqual(["act", "repeats 1", "already-proposed"]);
  });

  it("names who said first, and on which line, what a later line says again", () => {
    const outcomes = plan(
      history(
        proposed,
        { ...proposed, partner: "b" },
        made,
        { ...made, partner: "b" },
        { fact: "partner.joined", partner: "b" },
        { fact: "partner.joined", partner: "c" },
        { fact: "partner.joined", partner: "b" },
        { ...proposed, partner: "far", initiative: "j" },
        { ...proposed, partner: "away", initiative: "j" },
        { ...proposed, partner: "c" },
      ),
    );
    const [, second, , promise, , , joined, , away, third] = outcomes;
    expect(third).toMatchObject({ notPlaced: [{ detail: "by a on line 1" }] });
    expect(second).toMatchObject({ notPlaced: [{ reason: "already-proposed", detail: "by a on line 1" }] });
    expect(promise).toMatchObject({ notPlaced: [{ reason: "already-made", detail: "by a on line 3" }] });
    expect(joined).toMatchObject({ notPlaced: [{ reason: "already-joined", detail: "by b on line 5" }] });
    expect(away).toMatchObject({ why: [{}, { reason: "already-proposed", detail: "by far on line 8" }] });
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
    const outcomes = plan(lines);
    expect(outcomes.map(said)).toEqual([
      "act",
      "needs-partner-without-node",
      "left out",
      "left out",
      "needs-partner-without-node",
      "act",
    ]);
    expect(outcomes[4]).toMatchObject({
      notPlaced: [{ detail: "not-the-lead: the part of far is missing, which has no node" }],
    });
  });

  it("does not blame a missing node for what the file itself does not hold", () => {
    const lines = history(
      proposed,
      { ...made, partner: "far", commitment: "theirs" },
      { ...act("commitment.fulfilled"), commitment: "theirs" },
      { ...act("commitment.fulfilled"), commitment: "never made" },
      { ...act("commitment.fulfilled", "far"), commitment: "never made" },
    );
    const outcomes = plan(lines);
    expect(outcomes.map(said)).toEqual([
      "act",
      "left out",
      "not-the-debtor + needs-partner-without-node",
      "commitment-not-made",
      "left out",
    ]);
    expect(outcomes[4]).toMatchObject({
      leftOut: "far",
      why: [{ reason: "needs-partner-without-node" }, { reason: "commitment-not-made" }],
    });
  });

  it("takes two names of one organization as one, and notes it", () => {
    const lines = history(
      { ...proposed, partner: "Old A" },
      { ...made, partner: "Old A" },
      { fact: "initiative.status", partner: "a", status: "implementable" },
      act("commitment.fulfilled"),
    );
    const naming = createNaming(["a"], new Map([["Old A", "a"]]));
    const outcomes = planHistory(lines, { naming, now });
    expect(outcomes.map(said)).toEqual(["act", "act", "act", "act"]);
    expect(outcomes.map((one) => one.notes)).toEqual([
      [{ member: "partner", note: "Old A is taken as a" }],
      [{ member: "partner", note: "Old A is taken as a" }],
      [],
      [],
    ]);
    expect(plan(lines, ["a"]).map(said)).toEqual([
      "left out",
      "left out",
      "not-the-lead + needs-partner-without-node",
      "not-the-debtor + needs-partner-without-node",
    ]);
  });

  it("maps a name before it judges it, however long", () => {
    const long = "The Old ".repeat(12).trim();
    const naming = createNaming(["a", "b"], new Map([[long, "b"]]));
    const lines = history(
      proposed,
      { fact: "lead.changed", partner: "a", to: long },
      { ...made, partner: long },
    );
    const outcomes = planHistory(lines, { naming, now });
    expect(actsIn(outcomes).map((one) => one.fact)).toMatchObject([{}, { to: "b" }, { partner: "b" }]);
  });

  it("keeps apart names that differ only in case, and names the candidates of one that fits several", () => {
    const lines = history(
      { ...proposed, partner: "Heron", initiative: "i" },
      { ...proposed, partner: "heron", initiative: "j" },
      { fact: "lead.changed", partner: "Heron", to: "heron" },
      { fact: "initiative.status", partner: "heron", status: "s" },
      { fact: "partner.joined", partner: "HERON" },
    );
    const outcomes = plan(lines, ["Heron", "heron"]);
    expect(outcomes.map(said)).toEqual(["act", "act", "act", "act", "left out"]);
    expect(outcomes[4]).toMatchObject({
      why: [{ detail: "HERON could mean Heron or heron; name it exactly" }],
    });
    expect(plan(lines, ["Heron"]).map(said).slice(0, 2)).toEqual(["act", "act"]);
  });

  it("lets pledges made as lead go along, and the seat's term grow", () => {
    const lines = history(
      proposed,
      made,
      { ...made, partner: "b", commitment: "other" },
      { fact: "lead.changed", partner: "a", to: "b" },
      { fact: "commitment.rescheduled", partner: "b", commitment: "c", due: "2021-07-01" },
    );
    const acts = actsIn(plan(lines));
    expect(acts[3]).toMatchObject({ term: 1, lead: "a", carries: [{ id: "c", making: 0 }] });
    expect(acts[4]).toMatchObject({ term: 2, lead: "b", making: 0 });
  });

  it("moves the state only where the source's word means the same", () => {
    const status = (word: string) => ({ fact: "initiative.status", partner: "a", status: word });
    const lines = history(
      proposed,
      status("implemented"),
      status("Implementable"),
      status("implementable"),
      status("deferred"),
      status("implementable"),
      status("implemented"),
      status("withdrawn"),
      status("DEFERRED"),
    );
    expect(actsIn(plan(lines)).map((one) => one.transition)).toEqual([
      undefined,
      undefined,
      "adopt",
      undefined,
      "pause",
      "resume",
      "complete",
      undefined,
      undefined,
    ]);
    const early = "the initiative was only proposed; implementable has to come first";
    expect(actsIn(plan(lines)).map((one) => one.onlyNoted)).toEqual([
      undefined,
      early,
      ...Array(5).fill(undefined),
      "only implementable, deferred, implemented move the initiative",
      "the initiative was implemented already",
    ]);
  });

  it("has one outcome a line, in order, whatever the file; and each act its own key", () => {
    const partner = fc.constantFrom("a", "b", "c");
    const base = { initiative: fc.constantFrom("i", "j"), partner, at: fc.constantFrom(at(1), at(2)) };
    const commitment = fc.constantFrom("c", "d");
    const due = fc.constantFrom("2021-06-01", "2021-07-01");
    const fact = fc.oneof(
      fc.record({ ...base, fact: fc.constant("initiative.proposed"), title: fc.constant("T") }),
      fc.record({ ...base, fact: fc.constant("lead.changed"), to: partner }),
      fc.record({ ...base, fact: fc.constantFrom("partner.joined", "partner.left") }),
      fc.record({ ...base, fact: fc.constant("commitment.made"), commitment, due, title: fc.constant("M") }),
      fc.record({ ...base, fact: fc.constant("commitment.rescheduled"), commitment, due }),
      fc.record({
        ...base,
        fact: fc.constantFrom("commitment.withdrawn", "commitment.fulfilled"),
        commitment,
      }),
    );
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 28 }), (facts) => {
        const lines = history(...facts);
        const outcomes = plan(lines, ["a", "b"]);
        expect(outcomes.map((outcome) => outcome.line)).toEqual(lines.map((line) => line.line));
        const acts = actsIn(outcomes);
        expect(acts.filter((one) => one.fact.partner === "c")).toEqual([]);
        expect(new Set(acts.map((one) => one.key)).size).toBe(acts.length);
        // With everybody there, nobody's absence is a reason.
        expect(JSON.stringify(plan(lines))).not.toContain("without-node");
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

describe("a fact's key", () => {
  const keys = (...facts: Facts) => actsIn(plan(history(...facts))).map((one) => one.key);

  it("is the same in a longer file, in another form, and with a corrected title", () => {
    const [key] = keys(proposed);
    expect(keys({ ...proposed, title: "T, corrected" }, made)[0]).toBe(key);
    expect(keys({ fact: "initiative.proposed", title: "T", partner: "a", at: "2021-01-01" })).toEqual([key]);
  });

  it("tells apart what a file says twice of the same thing and instant", () => {
    const moved = (due: string) => ({ ...act("commitment.rescheduled"), at: at(3), due });
    const all = keys(proposed, made, moved("2021-07-01"), moved("2021-08-01"));
    expect(new Set(all).size).toBe(4);
  });
});
