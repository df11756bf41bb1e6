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
  /** Tells of a fact that is stored by now; answers the subjects whose outcome it may change. */
  take: LiveCut["take"];
  changesOf: LiveCut["changesOf"];
  /** Forgets everything: facts were stored, or taken back, of which nobody told. */
  forgetAll(): void;
}

/** Entries of the subjects whose folds stay in memory: about 1.3 kB each. */
const keptEntries = 20_000;
const keptMemberships = 4;

/** @param kept How many entries of folds stay in memory. */
export function openCuts(facts: StoredFacts, kept: number = keptEntries): Cuts {
  /** The list read last: of the network, that is read again and again. */
  let last: { readonly subject: string; readonly list: readonly Fact[] } | null = null;
  const now = createCut(
    {
      ...facts,
      settled: facts.stored,
      factsOf: (subject) => {
        if (last?.subject !== subject) last = { subject, list: facts.factsOf(subject) };
        return last.list;
      },
    },
    { keptEntries: kept },
  );
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
    take: (fact) => {
      last = null;
      if (fact.subject === facts.network) memberships.clear();
      return now.take(fact);
    },
    changesOf: (subject) => now.changesOf(subject),
    forgetAll: () => {
      last = null;
      memberships.clear();
      now.forgetAll();
    },
  };
}
