/**
 * The world of one network as a node knows it: a growing set of facts, and what they come to. Order of arrival and
 * repetition change nothing.
 *
 * Folds are made on demand and kept per subject. A new fact drops the fold of its subject and of everything that cites
 * it; one at network level, where membership is decided, drops them all.
 */
import type { Charter } from "@handfast/protocol/charter";
import type { NetworkId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { citedBy, plainRef } from "./citations.ts";
import { compareFacts, compareText, type Fact, isBefore, pinnedRefOf } from "./fact.ts";
import { createdBy, type Kind } from "./kind.ts";
import type { WholeCut } from "./whole.ts";
import { type Facts, foldFacts } from "./whole-cut.ts";

/** `recorded`: by the entry's own time. `occurred`: by when its author says that it happened, where it says so. */
export type Timeline = "recorded" | "occurred";

export interface World {
  /** Takes a fact. False: it was there already. */
  add(fact: Fact): boolean;
  readonly size: number;
  /** Everything there is, now; the same object always, and always up to date. */
  readonly now: WholeCut;
  /** As it was at a moment, by one of two time lines. Ask again after adding facts. */
  asOf(moment: { readonly atMs: number; readonly timeline: Timeline }): WholeCut;
  /** Entries of the subject that are in the past of no other one of it, pinned, sorted by code units. */
  headsOf(subject: string): readonly PinnedRef[];
  /** Subjects that may have to be looked at anew when this one changes: all that cite it, directly or through others. */
  dependents(subject: string): readonly string[];
}

export function createWorld({
  network,
  charter,
}: {
  readonly network: NetworkId;
  readonly charter: Charter;
}): World {
  const byRef = new Map<Ref, Fact>();
  const bySubject = new Map<string, Fact[]>();
  const heads = new Map<string, readonly Fact[]>();
  const created: { readonly [K in Kind]: Fact[] } = { initiative: [], challenge: [], commitment: [] };
  const citations = createCitations();

  const facts: Facts = {
    network,
    charter,
    fact: (ref) => byRef.get(ref),
    factsOf: (subject) => bySubject.get(subject) ?? [],
    subjects: (kind) => created[kind].map((fact) => fact.ref),
    citing: citations.citing,
  };
  const now = foldFacts(facts);

  const add = (fact: Fact): boolean => {
    if (byRef.has(fact.ref)) return false;
    byRef.set(fact.ref, fact);
    const ofSubject = bySubject.get(fact.subject) ?? [];
    bySubject.set(fact.subject, ofSubject);
    insert(ofSubject, fact);
    heads.set(fact.subject, headsWith(fact, heads.get(fact.subject) ?? []));
    const kind = createdBy(fact);
    if (kind !== null) insert(created[kind], fact);
    citations.add(fact);
    if (fact.subject === network) now.forgetAll();
    else for (const stale of [fact.subject, ...dependents(fact.subject)]) now.forget(stale);
    return true;
  };

  const dependents = (subject: string): readonly string[] => {
    const found = new Set<string>();
    const visit = (one: string): void => {
      for (const citing of citations.citing(one)) {
        if (citing === subject || found.has(citing)) continue;
        found.add(citing);
        visit(citing);
      }
    };
    visit(subject);
    return [...found].sort(compareText);
  };

  const asOf: World["asOf"] = ({ atMs, timeline }) => {
    const isInside = (fact: Fact): boolean =>
      timeline === "recorded"
        ? fact.at[0] <= atMs
        : fact.subject === network || (occurredAt(fact) ?? fact.at[0]) <= atMs;
    const kept = new Map<string, readonly Fact[]>();
    const inside = (subject: string): readonly Fact[] => {
      const known = kept.get(subject);
      if (known !== undefined) return known;
      const made = facts.factsOf(subject).filter(isInside);
      kept.set(subject, made);
      return made;
    };
    return foldFacts({
      ...facts,
      fact: (ref) => {
        const fact = byRef.get(ref);
        return fact !== undefined && isInside(fact) ? fact : undefined;
      },
      factsOf: inside,
      subjects: (kind) => created[kind].filter(isInside).map((fact) => fact.ref),
    });
  };

  return {
    add,
    get size() {
      return byRef.size;
    },
    now,
    asOf,
    headsOf: (subject) => (heads.get(subject) ?? []).map(pinnedRefOf).sort(compareText),
    dependents,
  };
}

/** Keeps a list in the order of visiting; what arrives is nearly always the newest. */
function insert(sorted: Fact[], fact: Fact): void {
  let index = sorted.length;
  while (index > 0 && compareFacts(sorted[index - 1] as Fact, fact) > 0) index--;
  sorted.splice(index, 0, fact);
}

function headsWith(fact: Fact, heads: readonly Fact[]): readonly Fact[] {
  const standing = heads.filter((head) => !isBefore(head, fact));
  return standing.some((head) => isBefore(fact, head)) ? standing : [...standing, fact];
}

const occurredAt = ({ told }: Fact): number | undefined =>
  told.ok && told.event.type !== "log.opened" ? told.event.x.occurredAt : undefined;

/** Which subject cites which, also where what is cited arrives after the entry that cites it. */
function createCitations() {
  const subjectOf = new Map<Ref, string>();
  const awaiting = new Map<Ref, Set<string>>();
  const citingSubjects = new Map<string, Set<string>>();

  const link = (citing: string, cited: string): void => {
    if (citing === cited) return;
    const all = citingSubjects.get(cited) ?? new Set();
    citingSubjects.set(cited, all.add(citing));
  };
  return {
    add: (fact: Fact): void => {
      subjectOf.set(fact.ref, fact.subject);
      for (const citing of awaiting.get(fact.ref) ?? []) link(citing, fact.subject);
      awaiting.delete(fact.ref);
      for (const cited of citedBy(fact)) {
        const ref = plainRef(cited);
        const subject = subjectOf.get(ref);
        if (subject !== undefined) link(fact.subject, subject);
        else awaiting.set(ref, (awaiting.get(ref) ?? new Set()).add(fact.subject));
      }
    },
    citing: (subject: string): readonly string[] =>
      [...(citingSubjects.get(subject) ?? [])].sort(compareText),
  };
}
