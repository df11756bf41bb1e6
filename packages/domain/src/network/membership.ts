/**
 * Membership: who takes part, by whose word (docs/reference/fold.md section 3). Every question is asked of a past, never
 * of "now", so that two partners who have seen the same entries answer it alike, and no verdict here ever changes.
 *
 * All network-level entries fold as one subject. Founders begin by their own attestation; others are sponsored, voted on
 * by the electorate of that sponsorship, and attest themselves: nobody is made a member by anyone else (law L1). Unlike a
 * thing above it, the network is asked about pasts by everything else, so it is one state that answers for any past.
 */
import type { Charter } from "@handfast/protocol/charter";
import type { LogId, NetworkId, PartnerId, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import {
  compareText,
  type Entry,
  type Fact,
  insertInOrder,
  isBefore,
  logOf,
  type Past,
  wholePast,
} from "../fact.ts";
import type { Rules } from "../kernel/machine.ts";
import { isAboutNetwork, type NetworkEvent } from "../kind.ts";
import { readable } from "../laws/own-promise.ts";
import { type Doubts, InDoubt, noDoubts, nothingAside } from "../laws/relying.ts";
import {
  countElectors,
  hasVotedBefore,
  isCarriedBefore,
  isElector,
  majorityOf,
  type Slot,
  type Vote,
  withVotes,
} from "../laws/slot.ts";
import { effective, type Verdict, without } from "../verdict.ts";

/** A sponsorship that has effect, and the votes on it that count. */
export type Admission = Slot & {
  readonly sponsorship: Fact;
  readonly root: PartnerId;
  readonly log: LogId;
};

export interface Membership {
  /** Whether a partner is an active member as seen from this past. */
  isActive(partner: PartnerId, past: Past): boolean;
  /** The entry that created the membership a partner holds in this past. */
  membershipIn(partner: PartnerId, past: Past): Ref | null;
  /** Valid `member.left` of a partner in fold order; with a past, those that are in it and not set aside there. */
  departuresOf(partner: PartnerId, past?: Past): readonly Fact[];
  /**
   * Whether a founder or member wrote an entry: one who was a member before it, whatever came later, or becomes one by it.
   * What anybody else wrote is named by nobody (docs/reference/fold.md section 1, heads). Of its past alone.
   */
  isByMember(fact: Fact): boolean;
  /** Everyone with a valid attestation or departure. */
  readonly known: readonly PartnerId[];
  /** `charter.attested` and `member.left` of a partner that count, in fold order. */
  actsOf(partner: PartnerId): readonly Fact[];
  /** Votes on a sponsorship that count. */
  votesOn(admission: Admission): readonly Vote[];
  /** Whether a valid entry is set aside for a reader of this past. */
  isAside(fact: Fact, past: Past): boolean;
  /** What is set aside in the whole. */
  readonly aside: ReadonlySet<Ref>;
  /** By the sponsorship's ref, in no order. */
  readonly admissions: ReadonlyMap<Ref, Admission>;
  /** Whom enough electors of a sponsorship said yes to, by all votes there are, whether or not they attested since. */
  endorsed(): readonly PartnerId[];
  verdictOf(ref: Ref): Verdict | undefined;
}

export interface LiveMembership extends Membership {
  /** Takes an entry at network level. False: an effect of it was taken before; fold anew. */
  take(fact: Fact): boolean;
  /** What would become of an entry that is only thought of. */
  outcomeOf(draft: Fact, cut: Pick<Cut, "fact">): Verdict;
}

type NetworkFacts = Pick<Cut, "fact" | "factsOf"> & {
  readonly network: NetworkId;
  readonly charter: Pick<Charter, "founders">;
};
type State = NetworkFacts & {
  readonly acts: Map<PartnerId, Fact[]>;
  readonly departures: Map<PartnerId, Fact[]>;
  readonly admissions: Map<Ref, Admission & { readonly votes: Vote[] }>;
  readonly verdicts: Map<Ref, Verdict>;
  readonly doubts: Doubts;
  /** By the membership that entries are about. */
  readonly inDoubt: Map<Ref, InDoubt>;
};

// What is asked of a past

const isAttestation = (act: Fact | undefined): boolean =>
  act?.told.ok === true && act.told.event.type === "charter.attested";

const latestIn = (partner: PartnerId, past: Past, state: State): Fact | undefined =>
  state.acts.get(partner)?.findLast((act) => past(act.log) >= act.seq && !isAside(act, past, state));

/** The membership that an entry is about, or would create. */
const membershipOf = ({ names, ref }: Fact): Ref => names ?? ref;

function isAside(fact: Fact, past: Past, { inDoubt }: State): boolean {
  const known = inDoubt.get(membershipOf(fact));
  return known?.has(fact.ref) === true && known.asideIn(past).has(fact.ref);
}

/** Without the votes that are set aside in a past. */
const slotIn = (admission: Admission, past: Past, state: State): Admission =>
  state.inDoubt.get(admission.sponsorship.ref)?.isEmpty === false
    ? withVotes(admission, (vote) => !isAside(vote.fact, past, state))
    : admission;

const isActive = (partner: PartnerId, past: Past, state: State): boolean =>
  isAttestation(latestIn(partner, past, state));

const wasMember = (partner: PartnerId, past: Past, { acts }: State): boolean =>
  acts.get(partner)?.some((act) => isAttestation(act) && past(act.log) >= act.seq) ?? false;

function membershipIn(partner: PartnerId, past: Past, state: State): Ref | null {
  const latest = latestIn(partner, past, state);
  return latest !== undefined && isAttestation(latest) ? (latest.names ?? latest.ref) : null;
}

/** Founders and members, without those who left last. */
function electorateAt(past: Past, state: State): readonly PartnerId[] {
  const { founders } = state.charter;
  const counts = (partner: PartnerId): boolean => {
    const latest = latestIn(partner, past, state);
    return latest === undefined ? founders.includes(partner) : isAttestation(latest);
  };
  return [...new Set([...founders, ...state.acts.keys()])].filter(counts).sort(compareText);
}

// The rules

function judgeFounding({ fact, event }: Entry<"charter.attested">, state: State): Reason | null {
  if (!state.charter.founders.includes(fact.by)) return "not-a-founder";
  if (event.x.charter !== state.network) return "wrong-charter";
  return isActive(fact.by, fact.past, state) ? "already-a-member" : null;
}

function judgeAdmitted({ fact, event }: Entry<"charter.attested">, state: State): Reason | null {
  const admission = state.admissions.get(fact.names ?? "");
  if (admission === undefined) return "wrong-subject";
  if (admission.root !== fact.by || admission.log !== logOf(fact)) return "not-the-candidate";
  if (event.x.charter !== state.network) return "wrong-charter";
  if (!isCarriedBefore(slotIn(admission, fact.past, state), fact)) return "not-endorsed";
  return isActive(fact.by, fact.past, state) ? "already-a-member" : null;
}

function createsMembership(fact: Fact | undefined, { verdicts }: State): boolean {
  if (fact?.told.ok !== true || verdicts.get(fact.ref)?.effect !== "effective") return false;
  const { type } = fact.told.event;
  return type === "member.sponsored" || (type === "charter.attested" && fact.names === null);
}

function addTo(map: Map<PartnerId, Fact[]>, fact: Fact): void {
  const known = map.get(fact.by) ?? [];
  map.set(fact.by, known);
  insertInOrder(known, fact, (one) => one);
}

const rules: Rules<State, NetworkEvent["type"]> = {
  "log.opened": { judge: () => null, add: () => undefined },
  "charter.attested": {
    judge: (entry, state) =>
      entry.fact.names === null ? judgeFounding(entry, state) : judgeAdmitted(entry, state),
    add: (state, { fact }) => addTo(state.acts, fact),
  },
  "member.sponsored": {
    judge: ({ fact, event }, state) => {
      if (!isActive(fact.by, fact.past, state)) return "not-a-member";
      return isActive(event.x.root, fact.past, state) ? "already-a-member" : null;
    },
    add: (state, { fact, event: { x } }) => {
      const electorate = electorateAt(fact.past, state);
      const slot = { electorate, needed: majorityOf(electorate.length), votes: [] };
      state.admissions.set(fact.ref, { sponsorship: fact, root: x.root, log: x.log, ...slot });
    },
  },
  "member.endorsed": {
    judge: ({ fact, event }, state) => {
      const admission = state.admissions.get(fact.names ?? "");
      if (admission === undefined) return "wrong-subject";
      if (!isActive(fact.by, fact.past, state)) return "not-a-member";
      if (event.x.opening !== fact.names) return "wrong-opening";
      if (!isElector(admission, fact.by)) return "not-an-elector";
      return hasVotedBefore(slotIn(admission, fact.past, state), fact) ? "already-voted" : null;
    },
    add: (state, { fact, event }) =>
      void state.admissions.get(event.x.opening)?.votes.push({ fact, yes: event.x.yes }),
  },
  /** A proof needs no standing: it is true or it is not, no matter who wrote it. */
  "fork.proven": {
    judge: ({ fact }) => (fact.proves === undefined ? "not-proven" : null),
    add: () => undefined,
  },
  "member.left": {
    judge: ({ fact }, state) => {
      if (!createsMembership(state.fact(fact.names ?? ""), state)) return "wrong-subject";
      if (!isActive(fact.by, fact.past, state)) return "not-a-member";
      return membershipIn(fact.by, fact.past, state) === fact.names ? null : "wrong-subject";
    },
    add: (state, { fact }) => {
      addTo(state.acts, fact);
      addTo(state.departures, fact);
    },
  },
};

/** Folds the network-level entries of a cut. Without `doubts` nothing is set aside: then verdicts follow from pasts alone. */
export function foldMembership(cut: NetworkFacts, doubts: Doubts = noDoubts): LiveMembership {
  const state: State = {
    network: cut.network,
    charter: cut.charter,
    fact: (ref) => cut.fact(ref),
    factsOf: (subject) => cut.factsOf(subject),
    acts: new Map(),
    departures: new Map(),
    admissions: new Map(),
    verdicts: new Map(),
    doubts,
    inDoubt: new Map(),
  };
  let aside: ReadonlySet<Ref> | undefined;
  const latest = new Map<LogId, Fact>();

  const judge = (fact: Fact, facts: Pick<Cut, "fact">): Reason | Entry => {
    const { event, reason } = readable(fact, facts);
    if (event === null) return reason;
    if (!isAboutNetwork(event)) return "wrong-subject";
    const entry = { fact, event } as Entry;
    return (rules[event.type].judge as (entry: Entry, state: State) => Reason | null)(entry, state) ?? entry;
  };
  const take = (fact: Fact): boolean => {
    if (state.verdicts.has(fact.ref)) return true;
    if (latest.values().some((one) => isBefore(fact, one))) return false;
    latest.set(fact.log, fact);
    const judged = judge(fact, state);
    if (typeof judged === "string") {
      state.verdicts.set(fact.ref, without(judged));
      return true;
    }
    state.verdicts.set(fact.ref, effective);
    const { type } = judged.event as NetworkEvent;
    (rules[type].add as (state: State, entry: Entry) => void)(state, judged);
    if (!doubts.isEmpty && type !== "log.opened" && type !== "fork.proven") {
      const membership = membershipOf(fact);
      const known = state.inDoubt.get(membership) ?? new InDoubt();
      state.inDoubt.set(membership, known);
      known.take(fact, doubts);
      aside = undefined;
    }
    return true;
  };
  for (const fact of cut.factsOf(cut.network)) take(fact);

  const asideNow = (): ReadonlySet<Ref> => {
    if (doubts.isEmpty) return nothingAside;
    aside ??= new Set(state.inDoubt.values().flatMap((known) => known.asideIn(wholePast)));
    return aside;
  };
  const counting = <Item>(all: readonly Item[], factOf: (item: Item) => Fact): readonly Item[] =>
    asideNow().size === 0 ? all : all.filter((item) => !asideNow().has(factOf(item).ref));
  return {
    isActive: (partner, past) => isActive(partner, past, state),
    membershipIn: (partner, past) => membershipIn(partner, past, state),
    isByMember: (fact) =>
      cut.charter.founders.includes(fact.by) ||
      wasMember(fact.by, fact.past, state) ||
      (isAttestation(fact) && typeof judge(fact, state) !== "string"),
    departuresOf: (partner, past) => {
      const all = state.departures.get(partner) ?? none;
      if (past === undefined || all.length === 0) return all;
      return all.filter((left) => past(left.log) >= left.seq && !isAside(left, past, state));
    },
    actsOf: (partner) => counting(state.acts.get(partner) ?? none, (act) => act),
    votesOn: ({ votes }) => counting(votes, (vote) => vote.fact),
    isAside: (fact, past) => isAside(fact, past, state),
    get aside() {
      return asideNow();
    },
    get known() {
      return [...state.acts.keys()].sort(compareText);
    },
    admissions: state.admissions,
    endorsed: () =>
      [...state.admissions.values()]
        .filter((admission) => {
          const votes = counting(admission.votes, (vote) => vote.fact);
          return countElectors(votes.filter(({ yes }) => yes)) >= admission.needed;
        })
        .map(({ root }) => root),
    verdictOf: (ref) => {
      if (!asideNow().has(ref)) return state.verdicts.get(ref);
      const fact = state.fact(ref) as Fact;
      return { effect: (state.inDoubt.get(membershipOf(fact)) as InDoubt).asOf(ref) };
    },
    take,
    outcomeOf: (draft, facts) => {
      const judged = judge(draft, facts);
      return typeof judged === "string" ? without(judged) : effective;
    },
  };
}

const none: readonly Fact[] = [];
