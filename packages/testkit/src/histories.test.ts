// Goal: invented histories are such as the wire allows, so that what is shown with them holds for real ones.
import { toB64u } from "@handfast/protocol/bytes";
import { Header } from "@handfast/protocol/header";
import { splitRef } from "@handfast/protocol/ids";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createHistory, type History, inventFoundation, type Told } from "./histories.ts";
import { histories, plans, play } from "./random-histories.ts";

/** The past as the contract has it: whatever is reached over the entry before and the parents. */
function reachedFrom(fact: Told, history: History): ReadonlySet<string> {
  const byRef = new Map(history.facts.map((one) => [one.ref, one]));
  const reached = new Set<string>();
  const visit = (one: Told): void => {
    const before = one.seq > 0 ? [`${one.log}.${one.seq - 1}`] : [];
    for (const ref of [...before, ...one.header.parents.map((parent) => parent.split("@")[0] ?? "")]) {
      const next = byRef.get(ref);
      if (next === undefined || reached.has(ref)) continue;
      reached.add(ref);
      visit(next);
    }
  };
  visit(fact);
  return reached;
}

it("every header has the form of the wire, and a time after all its parents", () => {
  fc.assert(
    fc.property(histories({ maxSteps: 30 }), (history) => {
      const byRef = new Map(history.facts.map((fact) => [fact.ref, fact]));
      for (const { header, seq, log } of history.facts) {
        expect(Header.safeParse(header).error).toBeUndefined();
        const before = [...header.parents.map((parent) => parent.split("@")[0] ?? ""), `${log}.${seq - 1}`];
        for (const ref of before) {
          const at = byRef.get(ref)?.at ?? [0, 0];
          expect(at[0] < header.at[0] || (at[0] === header.at[0] && at[1] < header.at[1])).toBe(true);
        }
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

it("the past of a fact is what its header reaches, no more and no less", () => {
  fc.assert(
    fc.property(histories({ maxSteps: 20 }), (history) => {
      for (const fact of history.facts) {
        const reached = reachedFrom(fact, history);
        for (const other of history.facts) {
          expect(fact.past(other.log) >= other.seq).toBe(reached.has(other.ref));
        }
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

it("a plan played with other hashes tells the same story", () => {
  fc.assert(
    fc.property(plans({ maxSteps: 20 }), (plan) => {
      const foundation = inventFoundation(plan.partners, plan.founders, plan.ahead);
      const hashOf = (_: unknown, index: number) => toB64u(new Uint8Array(32).fill(index % 256));
      const [one, other] = [play(plan), play(plan, { ...foundation, hashOf })];
      expect(other.facts.map((fact) => [fact.ref, fact.header.type, fact.names])).toEqual(
        one.facts.map((fact) => [fact.ref, fact.header.type, fact.names]),
      );
    }),
    { numRuns: 60 },
  );
}, 60_000);

it("partners know only what they heard, and a saying can rest on less than that", () => {
  const history = createHistory(inventFoundation(3, 3));
  const proposed = history.says(0, "initiative.proposed");
  expect(history.knows(1, proposed)).toBe(false);
  history.hears(1, 0);
  history.hears(2, 1);
  expect(history.knows(2, proposed)).toBe(true);
  const blind = history.says(2, "challenge.shared", { sees: [] });
  expect(blind.past(splitRef(proposed.ref).log)).toBeLessThan(proposed.seq);
  expect(history.says(2, "challenge.shared").past(proposed.log)).toBe(proposed.seq);
});
