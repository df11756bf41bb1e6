// Goal: whatever partners say, and in whatever order it arrives, folds that are kept and advanced come to what folds made
// anew come to, and a draft is judged as the entry is. Method: adversaries with several deaf logs each; the seed is printed.

import { typeOf } from "@handfast/testkit/adversary";
import { adversaryCommitment } from "@handfast/testkit/adversary-commitments";
import { adversaryInitiative } from "@handfast/testkit/adversary-initiatives";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Fact, isBefore } from "../src/fact.ts";
import { createMemoryFacts } from "../src/memory-facts.ts";
import { createCut } from "../src/whole-cut.ts";
import { createWorld } from "../src/world.ts";
import { everythingIn } from "./told.ts";

const stories = { commitment: adversaryCommitment, initiative: adversaryInitiative };
const histories = fc.record({
  about: fc.constantFrom("commitment" as const, "initiative" as const),
  seed: fc.integer({ min: 1, max: 1_000_000_000 }),
});
const historyOf = ({ about, seed }: { readonly about: keyof typeof stories; readonly seed: number }) => {
  const { told, subject } = stories[about](seed);
  const open = () => createWorld({ network: told.world.now.network, charter: told.charter });
  return { facts: told.facts, subject, open };
};

/** Any order of arrival that keeps causes before effects. */
function arrivals(facts: readonly Fact[], picks: Iterator<number>): readonly Fact[] {
  const waiting = [...facts];
  const arrived: Fact[] = [];
  while (waiting.length > 0) {
    const index = (picks.next().value ?? 0) % Math.min(waiting.length, 12);
    const next = waiting[index] as Fact;
    const isReady = !waiting.slice(0, index).some((one) => isBefore(one, next));
    arrived.push(...waiting.splice(isReady ? index : 0, 1));
  }
  return arrived;
}

describe("kept folds", { timeout: 480_000 }, () => {
  it("come to what folds made anew come to, at every arrival", () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat(1_000)), (history, picks) => {
        const { facts, open } = historyOf(history);
        const kept = open();
        const held: Fact[] = [];
        for (const fact of arrivals(facts, picks)) {
          kept.add(fact);
          held.push(fact);
          if ((picks.next().value ?? 0) % 12 !== 0) continue;
          const anew = open();
          for (const one of held) anew.add(one);
          expect(everythingIn(kept.now, held)).toBe(everythingIn(anew.now, held));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("report every verdict that changes", () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat(1_000)), (history, picks) => {
        const { facts, open } = historyOf(history);
        const { network, charter } = open().now;
        const stored = createMemoryFacts({ network, charter });
        const cut = createCut(stored);
        const reported = new Map<string, string>();
        const effectOf = ({ ref }: Pick<Fact, "ref">) => cut.verdictOf(ref)?.effect ?? "none";
        const stale = new Set<string>();
        for (const fact of arrivals(facts, picks)) {
          stored.add(fact);
          for (const subject of cut.take(fact)) stale.add(subject);
          if ((picks.next().value ?? 0) % 8 !== 0) continue;
          for (const subject of stale) {
            const changed = cut.changesOf(subject)?.refs.map((ref) => ({ ref })) ?? stored.factsOf(subject);
            for (const one of changed) reported.set(one.ref, effectOf(one));
          }
          for (const subject of stale)
            for (const one of stored.factsOf(subject)) expect(reported.get(one.ref)).toBe(effectOf(one));
          stale.clear();
        }
      }),
      { numRuns: 40 },
    );
  });

  it("come to the same at any moment, on either time line, kept or not", () => {
    fc.assert(
      fc.property(histories, fc.nat(), fc.constantFrom("recorded", "occurred"), (history, pick, timeline) => {
        const { facts, open } = historyOf(history);
        const world = open();
        for (const fact of facts) world.add(fact);
        const atMs = facts[pick % facts.length]?.at[0] ?? 0;
        const cut = world.asOf({ atMs, timeline });
        if (timeline === "occurred") {
          expect(everythingIn(world.asOf({ atMs, timeline }), facts)).toBe(everythingIn(cut, facts));
          return;
        }
        const inside = facts.filter((fact) => fact.at[0] <= atMs);
        const anew = open();
        for (const fact of inside) anew.add(fact);
        expect(everythingIn(cut, inside)).toBe(everythingIn(anew.now, inside));
      }),
      { numRuns: 60 },
    );
  });

  it("judge a draft as the entry is judged, at once crossed or not, and nothing late", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { facts, open } = historyOf(history);
        const world = open();
        const held: Fact[] = [];
        for (const fact of facts) {
          // Only of a thing that is there: what a draft creates is folded anew, and tested in `decide.test.ts`.
          const isAct = fact.names !== null && world.now.fact(fact.subject) !== undefined;
          const seesAll = held.every((one) => isBefore(one, fact));
          const [outcome] = isAct ? world.now.outcomesOf([fact]) : [];
          world.add(fact);
          held.push(fact);
          if (outcome === undefined) continue;
          const verdict = world.now.verdictOf(fact.ref);
          expect(outcome.effect === "none", fact.ref).toBe(verdict?.effect === "none");
          if (seesAll && outcome.effect !== "none") expect(outcome, fact.ref).toEqual(verdict);
          if (outcome.effect === "none") expect(outcome, fact.ref).toEqual(verdict);
        }
        // Nothing that had no effect when it came gets one, and what had one keeps it or is crossed.
        const late = open();
        const before = new Map<string, string | undefined>();
        for (const fact of facts) {
          late.add(fact);
          before.set(fact.ref, late.now.verdictOf(fact.ref)?.effect);
        }
        for (const { ref } of facts) {
          expect(late.now.verdictOf(ref)?.effect === "none", ref).toBe(before.get(ref) === "none");
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("adversaries", { timeout: 900_000 }, () => {
  it("reach what sensible partners seldom do", () => {
    const reached = new Map<string, number>();
    const count = (what: string, often = 1) => reached.set(what, (reached.get(what) ?? 0) + often);
    for (let seed = 1; seed <= 400; seed++) {
      for (const about of ["commitment", "initiative"] as const) {
        const { facts, open } = historyOf({ about, seed });
        const world = open();
        for (const fact of facts) world.add(fact);
        for (const fact of facts) count(`${typeOf(fact)} ${world.now.verdictOf(fact.ref)?.effect}`);
        for (const ref of world.now.subjects("commitment")) {
          const made = world.now.commitment(ref);
          const crossedBeside = made?.terms.all.filter(
            (one) => one.standing === "crossed" && one.pullBacks.every((pulled) => pulled.answer !== null),
          );
          if ((crossedBeside?.length ?? 0) > 1) count("rivals");
          const left = made?.terms.all.flatMap((one) => one.pullBacks).filter((one) => one.how === "left");
          count("departures answered", left?.filter((one) => one.answer !== null).length);
        }
      }
    }
    const often = [
      ...["rivals", "departures answered", "commitment.carried crossed", "commitment.progressed crossed"],
      ...[
        "commitment.revision-accepted crossed",
        "commitment.retracted crossed",
        "handoff.completed crossed",
      ],
      ...["initiative.status-noted crossed", "handoff.offered crossed", "handoff.accepted crossed"],
    ];
    for (const what of often) expect(reached.get(what) ?? 0, what).toBeGreaterThan(0);
  });
});
