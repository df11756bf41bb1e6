/**
 * Where the facts of a cut come from: a port, kept by `memory-facts.ts` for tests and by a database in a node. It is
 * synchronous, because folding and deciding are. `@handfast/testkit/facts-contract` holds every implementation to it.
 */
import type { Charter } from "@handfast/protocol/charter";
import type { LogId, NetworkId, PartnerId, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import { compareText, type Fact } from "./fact.ts";
import type { Kind } from "./kind.ts";

export interface Facts {
  readonly network: NetworkId;
  readonly charter: Charter;
  fact(ref: Ref): Fact | undefined;
  /** Facts of one subject in fold order (`compareFacts`); none where there is no such subject. */
  factsOf(subject: string): readonly Fact[];
  /** Whether there is a fact of that subject. */
  has(subject: string): boolean;
  /** Refs of all entries that create a thing of a kind, with effect or without, in fold order. */
  subjects(kind: Kind): readonly Ref[];
  /** Subjects with an entry that cites (`citedBy`) an entry of this one; itself left out, sorted by code units. */
  citing(subject: string): readonly string[];
  /**
   * Subjects above the network with an entry that a partner wrote or that names it (`partnersIn`); sorted by code units.
   * What a departure from the network can change is among these and their dependents.
   */
  involving(partner: PartnerId): readonly string[];
  /**
   * From which entry on a log is in doubt, whose author signed two histories; undefined where none is known. The smallest seq
   * among the first entries of its branches and what a verified `fork.proven` says, so it follows from what is held and only sinks.
   */
  forkedFrom(log: LogId): number | undefined;
  /** All facts, where these are only those of a moment: what is in doubt does not depend on it, just as pasts do not. */
  readonly whole?: Facts;
  /** Where verdicts are stored beside the facts: what was judged once need not be folded again. */
  readonly settled?: Settled;
}

/** Stored verdicts of entries without effect. Those never change, and nothing follows from such an entry. */
export interface Settled {
  /** The facts of a subject in fold order, without those that are known to have no effect. */
  mayCount(subject: string): readonly Fact[];
  /** Why an entry that `mayCount` leaves out has no effect. */
  reasonOf(ref: Ref): Reason | undefined;
}

/** `recorded`: by the entry's own time. `occurred`: by when its author says that it happened, where it says so. */
export type Timeline = "recorded" | "occurred";
/** @property atMs Milliseconds since 1970; what happened in that very millisecond is inside. */
export type Moment = { readonly atMs: number; readonly timeline: Timeline };

/** Whether a fact is inside a cut by time (docs/reference/fold.md section 1). */
export const isInside = (fact: Fact, { atMs, timeline }: Moment, network: NetworkId): boolean =>
  timeline === "recorded"
    ? fact.at[0] <= atMs
    : fact.subject === network || (occurredAt(fact) ?? fact.at[0]) <= atMs;

const occurredAt = ({ told }: Fact): number | undefined =>
  told.ok && told.event.type !== "log.opened" ? told.event.x.occurredAt : undefined;

/** The facts inside a moment. Nothing is filtered before it is asked for. */
export function factsAsOf(facts: Facts, moment: Moment): Facts {
  const bySubject = new Map<string, readonly Fact[]>();
  const inside = (fact: Fact | undefined): Fact | undefined =>
    fact !== undefined && isInside(fact, moment, facts.network) ? fact : undefined;
  return {
    network: facts.network,
    charter: facts.charter,
    whole: facts.whole ?? facts,
    fact: (ref) => inside(facts.fact(ref)),
    factsOf: (subject) => {
      const known = bySubject.get(subject);
      if (known !== undefined) return known;
      const found = facts.factsOf(subject).filter((fact) => isInside(fact, moment, facts.network));
      bySubject.set(subject, found);
      return found;
    },
    has: (subject) =>
      inside(facts.fact(subject)) !== undefined ||
      facts.factsOf(subject).some((fact) => isInside(fact, moment, facts.network)),
    subjects: (kind) => facts.subjects(kind).filter((ref) => inside(facts.fact(ref)) !== undefined),
    citing: (subject) => facts.citing(subject),
    // Doubts, like pasts, are those of everything held, whatever the moment.
    forkedFrom: facts.forkedFrom,
    involving: (partner) => facts.involving(partner),
  };
}

/** Subjects whose outcome may change with that of this one: all that cite it, directly or through others. Sorted. */
export function dependentsOf(facts: Pick<Facts, "citing">, subject: string): readonly string[] {
  const found = new Set<string>();
  const waiting = [subject];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const citing of facts.citing(next)) {
      if (citing === subject || found.has(citing)) continue;
      found.add(citing);
      waiting.push(citing);
    }
  }
  return [...found].sort(compareText);
}
