/**
 * Folds what is asked of a set of facts, and keeps it up to date as facts arrive. Folds are kept as long as there is room
 * for them, and made anew from their facts when they are needed again.
 *
 * Verdicts on entries that speak of another kind of thing than their subject is are given without folding it: that
 * keeps the order of subjects (network < initiative < challenge and help < commitment < conversation) even against entries made to
 * tie it into a knot.
 */
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Cut } from "./cut.ts";
import { compareFacts, type Fact } from "./fact.ts";
import { dependentsOf, type Facts } from "./facts.ts";
import type { ChallengeState } from "./help/challenge.ts";
import type { InitiativeState } from "./initiative/state.ts";
import { type Changes, type Fold, foldThing, heardBecauseOf } from "./kernel/fold.ts";
import { createdBy, type Kind, speaksOf } from "./kind.ts";
import { gate, readable } from "./laws/own-promise.ts";
import type { Doubts } from "./laws/relying.ts";
import { doubtedBy, doubtsOf } from "./laws/succession.ts";
import { crossingsOf } from "./laws/transfer.ts";
import { machineOf, readThing, type ThingOf } from "./machines.ts";
import { foldMembership, type LiveMembership } from "./network/membership.ts";
import { type NetworkState, networkOf } from "./network/network.ts";
import { effective, type Verdict, without } from "./verdict.ts";
import type { WholeCut } from "./whole.ts";

export interface LiveCut extends WholeCut {
  readonly membership: LiveMembership;
  /**
   * Takes note of a fact that `facts` holds by now, after all facts in its past.
   *
   * @returns The subjects whose outcome it may change: its own first, then those that depend on it, each once.
   */
  take(fact: Fact): readonly string[];
  /** What changed about a subject since this was last asked: `null` where anything may have, since it was folded anew. */
  changesOf(subject: string): Changes | null;
  /** Forgets everything: after facts arrived whose effects were there before them. */
  forgetAll(): void;
}

export type CutOptions = {
  /** How much is kept folded, as a number of entries; what was not asked for longest is dropped. About 1.3 kB an entry. */
  readonly keptEntries?: number;
  /** The network's fold, where it is known to be the same as that of another cut. */
  readonly membership?: LiveMembership;
  /** What is in doubt, where that is known. */
  readonly doubts?: Doubts;
};

type Kept = {
  readonly kind: Kind;
  readonly fold: Fold<unknown>;
  /** What it comes to; `undefined`: to be read off the fold. */
  thing: ThingOf<Kind> | null | undefined;
  /** Whether its changes were asked for since it was folded. */
  isReported: boolean;
};

/** About 64 MiB. */
const defaultKeptEntries = 50_000;
/** What a fold weighs beside its entries. */
const ownWeight = 3;

/** A cut over facts that may grow, as long as each is told to `take`. */
export function createCut(facts: Facts, options: CutOptions = {}): LiveCut {
  const { keptEntries = defaultKeptEntries } = options;
  const folds = new Map<string, Kept>();
  let weight = 0;
  let membership = options.membership;
  let members: NetworkState | undefined;
  let doubts: Doubts | undefined;
  /** Entries at network level since their changes were last asked for; `null`: folded anew since. */
  let freshAtNetwork: Ref[] | null = null;
  /** The same of subjects that nothing created, by subject: verdicts there follow from each entry alone. */
  const freshElsewhere = new Map<string, Ref[]>();

  const kindOf = (subject: string): Kind | null => {
    const fact = facts.fact(subject);
    return fact === undefined || fact.subject !== subject ? null : createdBy(fact);
  };
  const weigh = ({ fold }: Kept): number => fold.size + ownWeight;
  const forget = (subject: string): void => {
    const kept = folds.get(subject);
    if (kept === undefined) return;
    weight -= weigh(kept);
    folds.delete(subject);
  };
  const keep = (subject: string, kept: Kept): Kept => {
    folds.set(subject, kept);
    weight += weigh(kept);
    // A map is in the order of setting: the first was not asked for longest.
    for (const [oldest] of folds) {
      if (weight <= keptEntries || oldest === subject) break;
      forget(oldest);
    }
    return kept;
  };
  const keptOf = (subject: string, kind: Kind): Kept => {
    const known = folds.get(subject);
    if (known !== undefined) {
      folds.delete(subject);
      folds.set(subject, known);
      return known;
    }
    const fold = foldThing(
      machineOf(kind),
      facts.fact(subject) as Fact,
      cut,
      undefined,
      facts.settled?.mayCount(subject),
    );
    return keep(subject, { kind, fold, thing: undefined, isReported: false });
  };
  const thingOf = <K extends Kind>(kind: K, subject: Ref): ThingOf<K> | null => {
    if (kindOf(subject) !== kind) return null;
    const kept = keptOf(subject, kind);
    if (kept.thing === undefined) kept.thing = readThing(kind, kept.fold, cut);
    return kept.thing as ThingOf<K> | null;
  };
  /** A fold of a lower subject that an entry of a higher one asks about. */
  const foldAbout = <State>(subject: string, kind: Kind): Fold<State> | null =>
    kindOf(subject) === kind ? (keptOf(subject, kind).fold as unknown as Fold<State>) : null;

  const settledOn = (ref: Ref): Verdict | undefined => {
    const reason = facts.settled?.reasonOf(ref);
    return reason === undefined ? undefined : without(reason);
  };
  const verdictOn = (fact: Fact): Verdict | undefined => {
    if (fact.subject === facts.network) return cut.membership.verdictOf(fact.ref);
    const { event, reason } = readable(fact, cut);
    if (event === null) return without(reason);
    if (event.type === "subject.merged") return effective;
    const kind = kindOf(fact.subject);
    if (kind !== null && speaksOf(event.type, kind))
      return keptOf(fact.subject, kind).fold.verdictOf(fact.ref) ?? settledOn(fact.ref);
    const stopped = gate(fact, null, false, cut);
    return stopped.reason === null ? undefined : without(stopped.reason);
  };

  /** Brings a kept fold up to date with an entry of its own. */
  const advance = (fact: Fact): void => {
    const kept = folds.get(fact.subject);
    if (kept === undefined) return;
    const before = weigh(kept);
    const isTaken = kept.fold.take(fact);
    weight += weigh(kept) - before;
    if (kept.fold.hasMoved) kept.thing = undefined;
    const machine = machineOf(kept.kind);
    const hasEffect = kept.fold.verdictOf(fact.ref)?.effect !== "none";
    const isUpToDate =
      isTaken && (!hasEffect || heardBecauseOf(machine, fact, cut).every((one) => kept.fold.hasTaken(one)));
    if (!isUpToDate) forget(fact.subject);
  };
  /** What this subject can change, directly or through others; what nothing changes is not looked at. */
  const dependents = (subject: string): readonly string[] =>
    dependentsOf({ citing: (of) => facts.citing(of).filter(isTouchedByOthers) }, subject);
  const isTouchedByOthers = (subject: string): boolean => {
    const kind = kindOf(subject);
    return kind === null || machineOf(kind).isTouchedByOthers;
  };
  /** What a partner wrote or is named by, and all that depends on it, is to be folded anew. */
  const forgetAllOf = (partner: PartnerId): readonly string[] => {
    const concerned = facts.involving(partner).flatMap((one) => [one, ...dependents(one)]);
    for (const subject of concerned) forget(subject);
    return concerned;
  };
  /** Takes note of an entry because of which a partner's logs are in doubt otherwise; what that concerns, `null` where it is none. */
  const doubt = (fact: Fact): readonly string[] | null => {
    const partner = doubts === undefined ? null : doubtedBy(fact, facts, doubts);
    if (partner === null) return null;
    const before = doubts;
    doubts = doubtsOf(facts.whole ?? facts);
    if (before?.isEmpty === true && doubts.isEmpty) return null;
    membership = undefined;
    members = undefined;
    freshAtNetwork = null;
    return [facts.network, ...forgetAllOf(partner)];
  };
  /** Whether a completion ends a term that another one, which neither knew of, ended: what hung on that one is crossed. */
  const mayEndTwice = ({ ref }: Fact): boolean => !cut.doubts.isEmpty || cut.crossingsOf(ref).length > 0;
  const takeAtNetwork = (fact: Fact): readonly string[] => {
    const asideBefore = membership?.aside;
    if (membership?.take(fact) === false) {
      membership = undefined;
      freshAtNetwork = null;
    }
    freshAtNetwork?.push(fact.ref);
    if (membership?.verdictOf(fact.ref)?.effect !== "none") members = undefined;
    // Only a departure changes anything above the network: all else matters to entries alone that come after it. So does
    // what is set aside no longer.
    const moved = asideBefore?.symmetricDifference(cut.membership.aside) ?? new Set();
    if (moved.size > 0) {
      freshAtNetwork?.push(...moved);
      members = undefined;
    }
    const concerned = new Set([...moved].flatMap((ref) => facts.fact(ref)?.by ?? []));
    const isDeparture = fact.told.ok && fact.told.event.type === "member.left";
    if (isDeparture && cut.membership.verdictOf(fact.ref)?.effect !== "none") concerned.add(fact.by);
    return [...concerned].flatMap(forgetAllOf);
  };

  const cut: LiveCut = {
    network: facts.network,
    charter: facts.charter,
    fact: (ref) => facts.fact(ref),
    factsOf: (subject) => facts.factsOf(subject),
    verdictOf: (ref) => {
      const fact = facts.fact(ref);
      return fact === undefined ? undefined : verdictOn(fact);
    },
    crossingsOf: (ref) => {
      const fact = facts.fact(ref);
      const fold = fact === undefined ? null : foldAbout<InitiativeState>(fact.subject, "initiative");
      const completion = fold?.whole?.seats.byRef.get(ref);
      return completion === undefined ? [] : [...crossingsOf(completion)].sort(compareFacts);
    },
    retractionsOfHelp: (ref) => {
      const fact = facts.fact(ref);
      const fold = fact === undefined ? null : foldAbout<ChallengeState>(fact.subject, "challenge");
      return [...(fold?.whole?.offers.get(ref)?.retractions ?? [])].sort(compareFacts);
    },
    get doubts() {
      doubts ??= options.doubts ?? doubtsOf(facts.whole ?? facts);
      return doubts;
    },
    isAside: (fact, past) => {
      if (cut.doubts.isEmpty) return false;
      if (fact.subject === facts.network) return cut.membership.isAside(fact, past);
      const kind = kindOf(fact.subject);
      return kind !== null && keptOf(fact.subject, kind).fold.isAside(fact.ref, past);
    },
    get membership() {
      membership ??= foldMembership(facts, cut.doubts);
      return membership;
    },
    get members() {
      members ??= networkOf(cut);
      return members;
    },
    thing: thingOf,
    initiative: (ref) => thingOf("initiative", ref),
    challenge: (ref) => thingOf("challenge", ref),
    commitment: (ref) => thingOf("commitment", ref),
    conversation: (ref) => thingOf("conversation", ref),
    has: (subject) => facts.has(subject),
    subjects: (kind) => facts.subjects(kind),
    citing: (subject) => facts.citing(subject),
    outcomesOf: (drafts) => outcomesOf(drafts),
    take: (fact) => {
      const doubted = doubt(fact);
      if (doubted !== null) {
        forget(fact.subject);
        if (kindOf(fact.subject) === null && fact.subject !== facts.network)
          freshElsewhere.set(fact.subject, [...(freshElsewhere.get(fact.subject) ?? []), fact.ref]);
        return [...new Set([fact.subject, ...doubted])];
      }
      if (fact.subject === facts.network) return [...new Set([fact.subject, ...takeAtNetwork(fact)])];
      advance(fact);
      const kind = kindOf(fact.subject);
      if (kind === null) {
        const fresh = freshElsewhere.get(fact.subject);
        if (fresh === undefined) freshElsewhere.set(fact.subject, [fact.ref]);
        else fresh.push(fact.ref);
      }
      // What has no effect changes nothing elsewhere.
      const hasEffect = folds.get(fact.subject)?.fold.verdictOf(fact.ref)?.effect !== "none";
      const isInDoubt = folds.get(fact.subject)?.fold.isInDoubt === true;
      const touches =
        hasEffect &&
        kind !== null &&
        fact.told.ok &&
        (isInDoubt ||
          machineOf(kind).touchesOthers.has(fact.told.event.type) ||
          (fact.told.event.type === "handoff.completed" && mayEndTwice(fact)));
      const touched = touches ? dependents(fact.subject) : [];
      for (const subject of touched) forget(subject);
      return [fact.subject, ...touched];
    },
    changesOf: (subject) => {
      if (subject === facts.network) {
        const { verdictOf } = cut.membership;
        const refs = freshAtNetwork;
        freshAtNetwork = [];
        return refs === null
          ? null
          : { refs, hasMoved: refs.some((ref) => verdictOf(ref)?.effect !== "none") };
      }
      const kind = kindOf(subject);
      const elsewhere = freshElsewhere.get(subject) ?? [];
      freshElsewhere.delete(subject);
      if (kind === null) return { refs: elsewhere, hasMoved: false };
      const kept = keptOf(subject, kind);
      const changes = kept.fold.changes();
      if (kept.isReported) return changes;
      kept.isReported = true;
      return null;
    },
    forgetAll: () => {
      freshAtNetwork = null;
      freshElsewhere.clear();
      folds.clear();
      weight = 0;
      membership = undefined;
      members = undefined;
      doubts = undefined;
    },
  };

  /**
   * Drafts are asked one after the other, each with those before it at hand. Of one thing that is there already there is
   * mostly one: it costs a rule. A thing that they create is folded, since it is as short as the drafts are.
   */
  const outcomesOf = (drafts: readonly Fact[]): readonly (Verdict | undefined)[] => {
    const known = new Map<string, readonly Fact[]>(Map.groupBy(drafts, (draft) => draft.subject).entries());
    const isSimple = [...known].every(
      ([subject, of]) => of.length === 1 || facts.fact(subject) === undefined,
    );
    if (!isSimple || known.has(facts.network)) return outcomesByFolding(drafts);
    const outcomes = new Map<Ref, Verdict | undefined>();
    const above = withDrafts(drafts);
    const overlay: Cut = {
      ...above,
      doubts: cut.doubts,
      isAside: cut.isAside,
      membership: cut.membership,
      verdictOf: (ref) => outcomes.get(ref) ?? cut.verdictOf(ref),
      crossingsOf: cut.crossingsOf,
      retractionsOfHelp: cut.retractionsOfHelp,
    };
    for (const draft of drafts) {
      const created = above.fact(draft.subject) !== undefined && facts.fact(draft.subject) === undefined;
      if (!created) outcomes.set(draft.ref, outcomeOf(draft, overlay));
      else if (!outcomes.has(draft.ref)) {
        const kind = createdBy(above.fact(draft.subject) as Fact);
        if (kind === null) return outcomesByFolding(drafts);
        const fold = foldThing(machineOf(kind), above.fact(draft.subject) as Fact, overlay);
        for (const { ref } of known.get(draft.subject) ?? []) outcomes.set(ref, fold.verdictOf(ref));
      }
    }
    return drafts.map((draft) => outcomes.get(draft.ref));
  };
  const outcomeOf = (draft: Fact, overlay: Cut): Verdict | undefined => {
    const { event, reason } = readable(draft, overlay);
    if (event === null) return without(reason);
    const kind = kindOf(draft.subject);
    if (kind === null || !speaksOf(event.type, kind)) return without("wrong-subject");
    return keptOf(draft.subject, kind).fold.outcomeOf(draft, overlay);
  };
  const outcomesByFolding = (drafts: readonly Fact[]): readonly (Verdict | undefined)[] => {
    const atNetwork = drafts.filter((draft) => draft.subject === facts.network);
    if (atNetwork.length === 1 && drafts.length === 1) {
      return [cut.membership.outcomeOf(drafts[0] as Fact, withDrafts(drafts))];
    }
    const { doubts, membership } = cut;
    const folded = createCut(withDrafts(drafts), atNetwork.length > 0 ? { doubts } : { doubts, membership });
    return drafts.map((draft) => folded.verdictOf(draft.ref));
  };
  const withDrafts = (drafts: readonly Fact[]): Facts => ({
    network: facts.network,
    charter: facts.charter,
    fact: (ref) => drafts.find((draft) => draft.ref === ref) ?? facts.fact(ref),
    factsOf: (subject) => [...facts.factsOf(subject), ...drafts.filter((draft) => draft.subject === subject)],
    has: (subject) => facts.has(subject) || drafts.some((draft) => draft.subject === subject),
    subjects: (kind) => [
      ...facts.subjects(kind),
      ...drafts.filter((draft) => createdBy(draft) === kind).map((draft) => draft.ref),
    ],
    citing: (subject) => facts.citing(subject),
    forkedFrom: facts.forkedFrom,
    involving: (partner) => facts.involving(partner),
  });
  return cut;
}
