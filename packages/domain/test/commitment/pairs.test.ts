// Goal: for each unordered pair of things partners can say of one commitment without knowing of each other, the outcome is
// stated here, and it is the same no matter whose clock runs ahead. Method: at many stages of a commitment's life, everything
// that would count by itself is said in pairs.
import { eventNames, events } from "@handfast/protocol/events";
import { describe, expect, it } from "vitest";
import type { Fact } from "../../src/fact.ts";
import { type Candidate, candidatesOf, type Stage, says } from "./candidates.ts";
import { comparable, shownState } from "./comparable.ts";
import { commitmentIn, foldOf, names, type Scene, verdictIn } from "./scene.ts";
import { crossedStages, stageNames, stageOf } from "./stages.ts";

const stages: readonly Stage[] = [...stageNames.map(stageOf), ...crossedStages()];
const word = (type: string) => type.replace("commitment.", "");

/** The candidates that count when nobody says anything else. */
const counting = ({ scene, subject }: Stage): readonly Candidate[] =>
  names.flatMap((by) =>
    candidatesOf(scene, subject, by).filter((candidate) => {
      const fork = scene.fork();
      const entry = says(fork, subject, candidate);
      return (
        !["wrong-subject", "malformed"].includes(verdictIn(fork, subject, entry)) &&
        counts(fork, subject, entry)
      );
    }),
  );
const counts = (scene: Scene, subject: Fact, entry: Fact) =>
  foldOf(scene.facts, subject).verdicts.get(entry.ref)?.effect !== "none";

/** What two say at once comes to; with the second one's clock ahead or behind. */
function play({ scene, subject }: Stage, one: Candidate, other: Candidate, ahead: number) {
  const fork = scene.fork().setAhead(one.by, -ahead).setAhead(other.by, ahead);
  const entries = [says(fork, subject, one), says(fork, subject, other)] as const;
  return {
    commitment: commitmentIn(fork, subject),
    verdicts: entries.map((entry) => verdictIn(fork, subject, entry)),
  };
}

/** Whatever is not said: both have their effect. States in which it ends, over all stages. */
const outcomes: { readonly [pair: string]: readonly string[] } = {
  "accepted + accepted": ["active"],
  "accepted + countered": ["crossed: crossed, crossed", "offered", "requested"],
  "accepted + declined": ["crossed: crossed, crossed", "declined"],
  "accepted + let-go": ["active", "retracted: crossed, effective"],
  "accepted + reaffirmed": ["active"],
  "accepted + retracted": ["crossed: crossed, crossed", "retracted"],
  "carried + carry-accepted": ["active"],
  "carried + confirmed": ["active"],
  "carried + pledge-declined": ["active"],
  "carried + released": ["released"],
  "carry-accepted + claimed": ["claimed"],
  "carry-accepted + confirmed": ["active"],
  "carry-accepted + pledge-declined": ["active"],
  "carry-accepted + progressed": ["active"],
  "carry-accepted + released": ["released"],
  "carry-accepted + revision-proposed": ["active"],
  "carry-accepted + withdrawn": ["withdrawn"],
  "claimed + confirmed": ["claimed"],
  "claimed + disputed": ["disputed"],
  "claimed + pledge-declined": ["claimed"],
  "claimed + released": ["claimed", "released"],
  "claimed + revision-accepted": ["claimed"],
  "claimed + revision-declined": ["claimed"],
  "claimed + revision-proposed": ["claimed"],
  "confirmed + confirmed": ["active", "claimed", "satisfied"],
  "confirmed + disputed": ["disputed"],
  "confirmed + pledge-declined": ["active", "claimed", "satisfied"],
  "confirmed + progressed": ["active", "claimed", "disputed"],
  "confirmed + released": ["active", "claimed", "disputed"],
  "confirmed + revision-proposed": ["active", "claimed", "disputed"],
  "confirmed + withdrawn": ["withdrawn"],
  "countered + countered": ["open"],
  "countered + declined": ["declined"],
  "countered + let-go": ["requested"],
  "countered + reaffirmed": ["requested"],
  "countered + retracted": ["retracted"],
  "declined + declined": ["declined"],
  "declined + let-go": ["declined"],
  "declined + reaffirmed": ["declined"],
  "declined + retracted": ["declined"],
  "disputed + disputed": ["disputed"],
  "disputed + pledge-declined": ["disputed"],
  "disputed + progressed": ["disputed"],
  "disputed + released": ["disputed"],
  "disputed + revision-proposed": ["disputed"],
  "let-go + released": ["active"],
  "let-go + retracted": ["retracted"],
  "let-go + revision-proposed": ["active"],
  "pledge-declined + pledge-declined": ["active", "claimed"],
  "pledge-declined + progressed": ["active", "claimed"],
  "pledge-declined + released": ["released"],
  "pledge-declined + revision-proposed": ["active"],
  "pledge-declined + withdrawn": ["withdrawn"],
  "progressed + released": ["active", "claimed", "disputed", "released"],
  "progressed + revision-accepted": ["active"],
  "progressed + revision-declined": ["active"],
  "progressed + revision-proposed": ["active", "claimed", "disputed"],
  "reaffirmed + released": ["active"],
  "reaffirmed + retracted": ["retracted"],
  "reaffirmed + revision-proposed": ["active"],
  "released + released": ["released"],
  "released + revision-accepted": ["active"],
  "released + revision-declined": ["active"],
  "released + revision-proposed": ["active", "claimed", "disputed", "released"],
  "released + revision-retracted": ["active"],
  "released + withdrawn": ["released", "withdrawn"],
  "revision-accepted + revision-proposed": ["active"],
  "revision-accepted + revision-retracted": ["active: crossed, crossed"],
  "revision-accepted + withdrawn": ["withdrawn"],
  "revision-declined + revision-proposed": ["active"],
  "revision-declined + revision-retracted": ["active"],
  "revision-declined + withdrawn": ["withdrawn"],
  "revision-proposed + revision-proposed": ["active", "claimed", "disputed"],
  "revision-proposed + revision-retracted": ["active"],
  "revision-proposed + withdrawn": ["withdrawn"],
};

/** What was seen: for each pair, how it ended. */
function playAll(): ReadonlyMap<string, readonly string[]> {
  const seen = new Map<string, Set<string>>();
  for (const stage of stages) {
    const candidates = counting(stage);
    for (const [index, one] of candidates.entries()) {
      for (const other of candidates.slice(index + 1).filter((candidate) => candidate.by !== one.by)) {
        const [pair, outcome] = outcomeOf(
          stage,
          ...(one.type <= other.type ? ([one, other] as const) : ([other, one] as const)),
        );
        seen.set(pair, (seen.get(pair) ?? new Set()).add(outcome));
      }
    }
  }
  return new Map([...seen].map(([pair, ends]) => [pair, [...ends].sort()]));
}

function outcomeOf(stage: Stage, one: Candidate, other: Candidate): readonly [pair: string, outcome: string] {
  const first = play(stage, one, other, 100);
  const second = play(stage, one, other, -100);
  const pair = `${word(one.type)} + ${word(other.type)}`;
  expect(comparable(first.commitment), pair).toEqual(comparable(second.commitment));
  expect(first.verdicts, pair).toEqual(second.verdicts);
  const [a, b] = first.verdicts;
  expect(["effective", "crossed"], pair).toContain(a);
  expect(["effective", "crossed"], pair).toContain(b);
  const state = shownState(first.commitment);
  return [pair, a === "effective" && b === "effective" ? state : `${state}: ${a}, ${b}`];
}

describe("two who say things without knowing of each other", () => {
  const seen = playAll();
  const types = eventNames
    .filter((name) => events[name].machine === "commitment")
    .map(word)
    .sort();
  const pairs = types.flatMap((one, index) => types.slice(index).map((other) => `${one} + ${other}`));

  it.each(pairs)("%s", (pair) => {
    // A pair without a row never counts at once: one of them needs what the other one ends or begins.
    expect(seen.get(pair)).toEqual(outcomes[pair]);
  });

  it("never disturb each other by naming heads", () => {
    const merged = [...seen].filter(([pair]) => pair.includes("subject.merged"));
    expect(merged.length).toBeGreaterThan(10);
    for (const [pair, ends] of merged) {
      expect(
        ends.filter((end) => end.includes(":")).every((end) => end.endsWith(": crossed, effective")),
        pair,
      ).toBe(true);
    }
  });
});
