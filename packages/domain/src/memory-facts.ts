/** Facts in memory: for tests, and for tools that read a history once. */
import type { Charter } from "@handfast/protocol/charter";
import { type LogId, type NetworkId, type PartnerId, type Ref, unpin } from "@handfast/protocol/ids";
import { citedBy, partnersIn } from "./citations.ts";
import { compareText, doubtRaisedBy, type Fact, insertInOrder } from "./fact.ts";
import type { Facts } from "./facts.ts";
import { createdBy, type Kind, kinds } from "./kind.ts";

export interface MemoryFacts extends Facts {
  /** Takes a fact, in any order of arrival. False: it was there already. */
  add(fact: Fact): boolean;
  readonly size: number;
}

export function createMemoryFacts({
  network,
  charter,
}: {
  readonly network: NetworkId;
  readonly charter: Charter;
}): MemoryFacts {
  const byRef = new Map<Ref, Fact>();
  const bySubject = new Map<string, Fact[]>();
  const created: ReadonlyMap<Kind, Fact[]> = new Map(kinds.map((kind) => [kind, []]));
  const involving = new Map<PartnerId, Set<string>>();
  const forked = new Map<LogId, number>();
  const citations = createCitations();

  return {
    network,
    charter,
    fact: (ref) => byRef.get(ref),
    factsOf: (subject) => bySubject.get(subject) ?? [],
    has: (subject) => bySubject.has(subject),
    subjects: (kind) => (created.get(kind) ?? []).map((fact) => fact.ref),
    citing: citations.citing,
    forkedFrom: (log) => forked.get(log),
    involving: (partner) => [...(involving.get(partner) ?? [])].sort(compareText),
    add: (fact) => {
      if (byRef.has(fact.ref)) return false;
      byRef.set(fact.ref, fact);
      const doubt = doubtRaisedBy(fact);
      if (doubt !== null) forked.set(doubt.log, Math.min(doubt.from, forked.get(doubt.log) ?? doubt.from));
      const ofSubject = bySubject.get(fact.subject) ?? [];
      bySubject.set(fact.subject, ofSubject);
      insertInOrder(ofSubject, fact, (one) => one);
      const kind = createdBy(fact);
      if (kind !== null) insertInOrder(created.get(kind) as Fact[], fact, (one) => one);
      citations.add(fact);
      if (fact.subject !== network) {
        for (const partner of partnersIn(fact)) {
          involving.set(partner, (involving.get(partner) ?? new Set()).add(fact.subject));
        }
      }
      return true;
    },
    get size() {
      return byRef.size;
    },
  };
}

/** Which subject cites which, also where what is cited arrives after the entry that cites it. */
function createCitations() {
  const subjectOf = new Map<Ref, string>();
  const awaiting = new Map<Ref, Set<string>>();
  const citingSubjects = new Map<string, Set<string>>();

  const link = (citing: string, cited: string): void => {
    if (citing === cited) return;
    citingSubjects.set(cited, (citingSubjects.get(cited) ?? new Set()).add(citing));
  };
  return {
    add: (fact: Fact): void => {
      subjectOf.set(fact.ref, fact.subject);
      for (const citing of awaiting.get(fact.ref) ?? []) link(citing, fact.subject);
      awaiting.delete(fact.ref);
      for (const cited of citedBy(fact)) {
        const ref = unpin(cited);
        const subject = subjectOf.get(ref);
        if (subject !== undefined) link(fact.subject, subject);
        else awaiting.set(ref, (awaiting.get(ref) ?? new Set()).add(fact.subject));
      }
    },
    citing: (subject: string): readonly string[] =>
      [...(citingSubjects.get(subject) ?? [])].sort(compareText),
  };
}
