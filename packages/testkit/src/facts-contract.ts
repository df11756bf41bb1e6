/** What every implementation of the domain's `Facts` port keeps. Call it in a test file of the adapter. */
import { citedBy, partnersIn } from "@handfast/domain/citations";
import { compareFacts, compareText, type Fact } from "@handfast/domain/fact";
import { dependentsOf, type Facts, factsAsOf, isInside, type Moment } from "@handfast/domain/facts";
import { createdBy, kinds } from "@handfast/domain/kind";
import type { Charter } from "@handfast/protocol/charter";
import { type NetworkId, unpin } from "@handfast/protocol/ids";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHistory, type History, inventFoundation, type Told } from "./histories.ts";
import { histories } from "./random-histories.ts";

export interface OpenFacts extends Disposable {
  readonly facts: Facts;
  /** Stores a fact, after all facts in its past; a second time changes nothing. */
  add(fact: Told): void;
}
export type OpensFacts = (network: { readonly network: NetworkId; readonly charter: Charter }) => OpenFacts;

/** @param open Opens an empty store. */
export function factsContract(name: string, open: OpensFacts): void {
  const filled = ({ net, charter, facts }: History) => {
    const store = open({ network: net, charter });
    for (const fact of facts) store.add(fact);
    return store;
  };

  describe(`facts of ${name}`, { timeout: 60_000 }, () => {
    it("are handed out as they were stored, each with its past", () => {
      fc.assert(
        fc.property(histories({ maxSteps: 30 }), (history) => {
          using store = filled(history);
          for (const { header: _, past, ...fact } of history.facts) {
            const { past: kept, ...found } = store.facts.fact(fact.ref) as Fact;
            expect(found).toMatchObject(fact);
            for (const { log } of history.partners) expect(kept(log)).toBe(past(log));
          }
          expect(store.facts.fact("nothing.0")).toBeUndefined();
        }),
        { numRuns: 30 },
      );
    });

    it("are listed by subject, kind, citation and partner", () => {
      fc.assert(
        fc.property(histories({ maxSteps: 40 }), (history) => {
          using store = filled(history);
          expectListed(store.facts, history.facts, history.net);
        }),
        { numRuns: 60 },
      );
    });

    it("are those inside a moment, on either time line", () => {
      const moments = fc.record({
        pick: fc.nat(),
        timeline: fc.constantFrom("recorded" as const, "occurred" as const),
      });
      fc.assert(
        fc.property(histories({ maxSteps: 40 }), moments, (history, { pick, timeline }) => {
          using store = filled(history);
          const atMs = history.facts[pick % history.facts.length]?.at[0] ?? 0;
          const moment: Moment = { atMs, timeline };
          const inside = history.facts.filter((fact) => isInside(fact, moment, history.net));
          const cut = factsAsOf(store.facts, moment);
          for (const { ref } of history.facts) {
            expect(cut.fact(ref)?.ref).toBe(inside.find((fact) => fact.ref === ref)?.ref);
          }
          for (const { subject } of history.facts) {
            expect(refsOf(cut.factsOf(subject))).toEqual(refsOf(ofSubject(inside, subject)));
            expect(cut.has(subject)).toBe(ofSubject(inside, subject).length > 0);
          }
          for (const kind of kinds) expect(cut.subjects(kind)).toEqual(creating(inside, kind));
        }),
        { numRuns: 60 },
      );
    });

    it("are stored once, and those of nothing are none", () => {
      const history = createHistory(inventFoundation(2, 2));
      using store = filled(history);
      for (const fact of history.facts) store.add(fact);
      expect(store.facts.factsOf(history.net)).toHaveLength(history.facts.length);
      expect(store.facts.factsOf("nothing.0")).toEqual([]);
      expect(store.facts.has("nothing.0")).toBe(false);
      expect(store.facts.citing("nothing.0")).toEqual([]);
      expect(store.facts.involving("z6MkNobody")).toEqual([]);
      expect(dependentsOf(store.facts, "nothing.0")).toEqual([]);
    });
  });
}

const refsOf = (facts: readonly Fact[]): readonly string[] => facts.map((fact) => fact.ref);
const ofSubject = (facts: readonly Fact[], subject: string): readonly Fact[] =>
  facts.filter((fact) => fact.subject === subject).sort(compareFacts);
const creating = (facts: readonly Fact[], kind: string): readonly string[] =>
  refsOf(facts.filter((fact) => createdBy(fact) === kind).sort(compareFacts));

function expectListed(facts: Facts, all: readonly Fact[], net: NetworkId): void {
  const subjectOf = new Map(all.map((fact) => [fact.ref, fact.subject]));
  const subjects = new Set(all.map((fact) => fact.subject));
  for (const subject of subjects) {
    expect(refsOf(facts.factsOf(subject))).toEqual(refsOf(ofSubject(all, subject)));
    expect(facts.has(subject)).toBe(true);
    const citing = all
      .filter((fact) => fact.subject !== subject)
      .filter((fact) => citedBy(fact).some((cited) => subjectOf.get(unpin(cited)) === subject));
    expect(facts.citing(subject)).toEqual(unique(citing.map((fact) => fact.subject)));
  }
  for (const kind of kinds) expect(facts.subjects(kind)).toEqual(creating(all, kind));
  for (const partner of new Set(all.flatMap(partnersIn))) {
    const involving = all.filter((fact) => fact.subject !== net && partnersIn(fact).includes(partner));
    expect(facts.involving(partner)).toEqual(unique(involving.map((fact) => fact.subject)));
  }
}

const unique = (subjects: readonly string[]): readonly string[] => [...new Set(subjects)].sort(compareText);
