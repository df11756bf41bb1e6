/**
 * The world of one network in memory: a growing set of facts, and what they come to. Order of arrival and repetition
 * change nothing. A node keeps its facts in a database and uses `createCut` over them; tests use this.
 */
import type { Charter } from "@handfast/protocol/charter";
import type { LogId, NetworkId, PinnedRef } from "@handfast/protocol/ids";
import { compareText, type Fact, isBefore, pinnedRefOf } from "./fact.ts";
import { dependentsOf, factsAsOf, type Moment } from "./facts.ts";
import { createMemoryFacts } from "./memory-facts.ts";
import type { WholeCut } from "./whole.ts";
import { createCut } from "./whole-cut.ts";

export interface World {
  /** Takes a fact. False: it was there already. */
  add(fact: Fact): boolean;
  readonly size: number;
  /** Everything there is, now; the same object always, and always up to date. */
  readonly now: WholeCut;
  /** As it was at a moment, by one of two time lines. Ask again after adding facts. */
  asOf(moment: Moment): WholeCut;
  /** Entries of the subject by members that are in the past of no other such entry, pinned, sorted by code units. */
  headsOf(subject: string): readonly PinnedRef[];
  /** Subjects that may have to be looked at anew when this one changes: all that cite it, directly or through others. */
  dependents(subject: string): readonly string[];
}

export function createWorld(of: { readonly network: NetworkId; readonly charter: Charter }): World {
  const facts = createMemoryFacts(of);
  const latest = new Map<LogId, Fact>();
  const now = createCut(facts);

  /** Its effects came first, which a ledger never lets happen. */
  const isLate = (fact: Fact): boolean => latest.values().some((one) => isBefore(fact, one));

  return {
    add: (fact) => {
      if (!facts.add(fact)) return false;
      if (isLate(fact)) now.forgetAll();
      else now.take(fact);
      if ((latest.get(fact.log)?.seq ?? -1) < fact.seq) latest.set(fact.log, fact);
      return true;
    },
    get size() {
      return facts.size;
    },
    now,
    asOf: (moment) => createCut(factsAsOf(facts, moment)),
    // Asked when all is there: an entry that came before its past is not known as a member's until that has come.
    headsOf: (subject) =>
      facts
        .factsOf(subject)
        .filter((fact) => now.membership.isByMember(fact))
        .reduce<readonly Fact[]>((heads, fact) => headsWith(fact, heads), [])
        .map(pinnedRefOf)
        .sort(compareText),
    dependents: (subject) => dependentsOf(facts, subject),
  };
}

function headsWith(fact: Fact, heads: readonly Fact[]): readonly Fact[] {
  const standing = heads.filter((head) => !isBefore(head, fact));
  return standing.some((head) => isBefore(fact, head)) ? standing : [...standing, fact];
}
