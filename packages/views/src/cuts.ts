/** What the stored facts come to: now, with what was folded lately kept in memory, and at any moment, folding only what is asked for. */
import type { Fact } from "@handfast/domain/fact";
import { factsAsOf, type Moment } from "@handfast/domain/facts";
import type { WholeCut } from "@handfast/domain/whole";
import { createCut, type LiveCut } from "@handfast/domain/whole-cut";
import { createLru } from "./lru.ts";
import type { StoredFacts } from "./stored-facts.ts";

export interface Cuts {
  /** Everything stored; the same object always. */
  readonly now: WholeCut;
  asOf(moment: Moment): WholeCut;
  /**
   * Tells of a fact that is stored by now; answers the subjects whose outcome it may change.
   *
   * @param isFirst Whether nothing else is stored of its subject.
   */
  take(fact: Fact, isFirst: boolean): readonly string[];
  /** The facts of a subject in fold order, without those that are known to have no effect. */
  mayCount(subject: string): readonly Fact[];
  changesOf: LiveCut["changesOf"];
  /** Forgets everything: facts were stored, or taken back, of which nobody told. */
  forgetAll(): void;
}

/** Entries of the subjects whose folds stay in memory: about 1.3 kB each. */
const keptEntries = 20_000;
const keptMemberships = 4;
const keptOpenings = 1_024;

/** @param kept How many entries of folds stay in memory. */
export function openCuts(facts: StoredFacts, kept: number = keptEntries): Cuts {
  /** Every decision asks for it. */
  let network: readonly Fact[] | null = null;
  /** All that is stored of a subject which was just created, before anything else is said of it. */
  const openings = new Map<string, readonly Fact[]>();
  const factsOf = (subject: string): readonly Fact[] => {
    if (subject !== facts.network) return openings.get(subject) ?? facts.factsOf(subject);
    network ??= facts.factsOf(subject);
    return network;
  };
  const mayCount = (subject: string): readonly Fact[] =>
    openings.get(subject) ?? facts.stored.mayCount(subject);
  const now = createCut({ ...facts, factsOf, settled: { ...facts.stored, mayCount } }, { keptEntries: kept });
  const memberships = createLru<number, LiveCut["membership"]>(keptMemberships);

  return {
    now,
    asOf: (moment) => {
      const inside = factsAsOf(facts, moment);
      // At network level causes come before their effects by their own time, so how many are inside says which.
      const count = inside.factsOf(facts.network).length;
      const known = memberships.get(count);
      const cut = createCut(inside, known === undefined ? {} : { membership: known });
      if (known === undefined) memberships.set(count, cut.membership);
      return cut;
    },
    take: (fact, isFirst) => {
      if (fact.subject === facts.network) {
        network = null;
        memberships.clear();
      }
      if (openings.size === keptOpenings) openings.clear();
      if (isFirst) openings.set(fact.subject, [fact]);
      else openings.delete(fact.subject);
      return now.take(fact);
    },
    mayCount,
    changesOf: (subject) => now.changesOf(subject),
    forgetAll: () => {
      network = null;
      openings.clear();
      memberships.clear();
      now.forgetAll();
    },
  };
}
