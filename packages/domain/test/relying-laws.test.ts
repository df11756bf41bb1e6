// Goal: what holds of forks and later logs, whatever partners do and however it is heard of: a valid entry only ever moves
// among the four words of one; who relied on an entry keeps it; and no answer depends on which history came first.
// Method: random histories in which partners sign two of them, go on in later logs, and prove forks.

import type { Told } from "@handfast/testkit/histories";
import { type Plan, plans, play, turns } from "@handfast/testkit/random-histories";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Fact, isBefore, logOf } from "../src/fact.ts";
import type { Verdict } from "../src/verdict.ts";
import type { World } from "../src/world.ts";
import { everythingIn, verdictsIn, worldOf } from "./told.ts";

const turned: fc.Arbitrary<Plan> = fc
  .tuple(plans({ minSteps: 15 }), turns())
  .map(([plan, own]) => ({ ...plan, turns: own }));
const runs = { numRuns: 200 };
const isAside = (verdict: Verdict | undefined): boolean =>
  verdict?.effect === "quarantined" || verdict?.effect === "stranded";
const typeOf = ({ told }: Fact): string | null => (told.ok ? told.event.type : null);

describe("law L6", { timeout: 480_000 }, () => {
  it("comes to the same in any order of arrival, asked after each of them or not", () => {
    const arrivals = turned.chain((plan) => {
      const history = play(plan);
      const { facts } = history;
      const arrived = fc.shuffledSubarray([...facts], { minLength: facts.length });
      return fc.record({ history: fc.constant(history), arrived, isAsked: fc.boolean() });
    });
    fc.assert(
      fc.property(arrivals, ({ history, arrived, isAsked }) => {
        const world = worldOf(history, []);
        for (const fact of arrived) {
          world.add(fact);
          if (isAsked) verdictsIn(world.now, history.facts);
        }
        expect(everythingIn(world.now, history.facts)).toBe(
          everythingIn(worldOf(history).now, history.facts),
        );
      }),
      runs,
    );
  });

  it("moves a valid entry only among the words of one, and gives none to others", () => {
    fc.assert(
      fc.property(turned, (plan) => {
        const history = play(plan);
        const world = worldOf(history, []);
        const reasons = new Map<string, string | null>();
        const saw = new Set<string>();
        for (const fact of history.facts) {
          world.add(fact);
          for (const { ref } of history.facts) {
            const verdict = world.now.verdictOf(ref);
            if (verdict === undefined) continue;
            const reason = verdict.effect === "none" ? verdict.reason : null;
            if (saw.has(ref)) expect([ref, reason]).toEqual([ref, reasons.get(ref)]);
            reasons.set(ref, reason);
            saw.add(ref);
          }
        }
      }),
      runs,
    );
  });

  it("keeps what another partner wrote on top of in good faith", () => {
    fc.assert(
      fc.property(turned, (plan) => {
        const history = play(plan);
        const { now } = worldOf(history);
        const openings = history.facts.filter((fact) => typeOf(fact) === "log.opened");
        const proofs = history.facts.filter(({ proves }) => proves !== undefined);
        const knowsNothing = (reader: Fact, of: Fact) =>
          !proofs.some((proof) => isBefore(proof, reader)) &&
          openings.filter((opened) => opened.by === of.by && isBefore(opened, reader)).length < 2;
        for (const fact of history.facts) {
          if (!isAside(now.verdictOf(fact.ref)) || fact.subject === history.net) continue;
          const relying = history.facts.filter(
            (other) =>
              other.subject === fact.subject &&
              other.by !== fact.by &&
              typeOf(other) !== "subject.merged" &&
              isBefore(fact, other) &&
              now.verdictOf(other.ref)?.effect !== "none" &&
              knowsNothing(other, fact),
          );
          expect(
            relying.map(({ ref }) => ref),
            fact.ref,
          ).toEqual([]);
        }
      }),
      runs,
    );
  });

  it("answers alike, whichever of two histories is called by the log's own name", () => {
    let swapped = 0;
    fc.assert(
      fc.property(turned, (plan) => {
        const history = play(plan);
        const branches = new Set(
          history.facts.flatMap((fact) => (fact.branchOf === undefined ? [] : [fact.log])),
        );
        const [branch] = branches;
        const first = history.facts.find(({ log }) => log === branch);
        // Of one fork alone the names can simply be exchanged.
        fc.pre(branches.size === 1 && first !== undefined);
        const name = exchange(first as Told);
        const facts = history.facts.map((fact) => renamed(fact, first as Told, name));
        const [before, after] = [worldOf(history), worldOf({ ...history, facts: facts as Told[] })];
        expect(words(after, facts)).toEqual(
          Object.fromEntries(
            Object.entries(words(before, history.facts)).map(([ref, word]) => [name(ref), word]),
          ),
        );
        swapped++;
      }),
      { numRuns: 40 },
    );
    expect(swapped).toBeGreaterThan(30);
  });
});

const words = ({ now }: World, facts: readonly Fact[]) => verdictsIn(now, facts);

/** Names of entries with the two histories of a log called the other way around. */
const exchange =
  ({ log: branch, branchOf, seq: from }: Told) =>
  (text: string): string => {
    const seq = Number(/^.{22}\.(\d+)/.exec(text)?.[1] ?? -1);
    if (text.startsWith(`${branch}.`)) return `${branchOf}${text.slice(22)}`;
    return text.startsWith(`${branchOf}.`) && seq >= from ? `${branch}${text.slice(22)}` : text;
  };

function renamed(
  fact: Told,
  { log: branch, branchOf, seq: from }: Told,
  name: (text: string) => string,
): Fact {
  const main = branchOf as string;
  const { branchOf: _was, header: _header, ...rest } = fact;
  const isMoved = logOf(fact) === main && fact.seq >= from;
  const log = !isMoved ? fact.log : fact.log === branch ? main : branch;
  const deep = (value: unknown): unknown => {
    if (typeof value === "string") return name(value);
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([member, one]) => [member, deep(one)]));
  };
  return {
    ...rest,
    log,
    ...(log === branch ? { branchOf: main } : {}),
    ref: name(fact.ref),
    subject: name(fact.subject),
    names: fact.names === null ? null : name(fact.names),
    told: fact.told.ok ? (deep(fact.told) as Fact["told"]) : fact.told,
    past: (line) => {
      const [ofMain, ofBranch] = [fact.past(main), fact.past(branch)];
      if (line === branch) return ofMain >= from ? ofMain : -1;
      return line === main ? (ofBranch >= from ? ofBranch : Math.min(ofMain, from - 1)) : fact.past(line);
    },
  };
}
