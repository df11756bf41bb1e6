/**
 * Folds what is asked of a set of facts, and keeps it up to date as facts arrive.
 *
 * Verdicts on entries that speak of another kind of thing than their subject is are given without folding it: that
 * keeps the order of subjects (network < initiative < challenge and help < commitment) even against entries made to
 * tie it into a knot.
 */
import type { Ref } from "@handfast/protocol/ids";
import { type CommitmentFold, foldCommitment } from "./commitment/commitment.ts";
import type { Fact } from "./fact.ts";
import { dependentsOf, type Facts } from "./facts.ts";
import { gate, readable } from "./gate.ts";
import { type ChallengeFold, foldChallenge } from "./help/challenge.ts";
import { foldInitiative, type InitiativeFold } from "./initiative/initiative.ts";
import { createdBy, type Kind, speaksOf } from "./kind.ts";
import { foldMembership, type Membership } from "./network/membership.ts";
import { type NetworkState, networkOf } from "./network/network.ts";
import { effective, type Verdict, without } from "./verdict.ts";
import type { WholeCut } from "./whole.ts";

export interface LiveCut extends WholeCut {
  /**
   * Takes note of a fact that `facts` holds by now, after all facts in its past.
   *
   * @returns The subjects whose outcome it may change: its own first, then those that depend on it, each once.
   */
  take(fact: Fact): readonly string[];
  /** Forgets everything: after facts arrived whose effects were there before them. */
  forgetAll(): void;
}

export type CutOptions = {
  /** How much is kept folded, as a number of entries; what was not asked for longest is dropped. About 1.3 kB an entry. */
  readonly keptEntries?: number;
  /** The network's fold, where it is known to be the same as that of another cut. */
  readonly membership?: Membership;
};

/** A cut over facts that may grow, as long as each is told to `take`. */
export function createCut(facts: Facts, { membership: known }: CutOptions = {}): LiveCut {
  const initiatives = new Map<string, InitiativeFold>();
  const challenges = new Map<string, ChallengeFold>();
  const commitments = new Map<string, CommitmentFold>();
  let membership = known;
  let members: NetworkState | undefined;

  const kindOf = (subject: string): Kind | null => {
    const fact = facts.fact(subject);
    return fact === undefined || fact.subject !== subject ? null : createdBy(fact);
  };
  const verdictsOf = (subject: string, kind: Kind): ReadonlyMap<Ref, Verdict> => {
    switch (kind) {
      case "initiative":
        return initiativeFold(subject).verdicts;
      case "challenge":
        return challengeFold(subject).verdicts;
      case "commitment":
        return commitmentFold(subject).verdicts;
    }
  };
  const initiativeFold = (subject: string): InitiativeFold => once(initiatives, subject, foldInitiative);
  const challengeFold = (subject: string): ChallengeFold => once(challenges, subject, foldChallenge);
  const commitmentFold = (subject: string): CommitmentFold => once(commitments, subject, foldCommitment);
  const once = <Fold>(
    folds: Map<string, Fold>,
    subject: string,
    fold: (of: string, cut: WholeCut) => Fold,
  ) => {
    const known = folds.get(subject);
    if (known !== undefined) return known;
    const made = fold(subject, cut);
    folds.set(subject, made);
    return made;
  };

  const verdictOn = (fact: Fact): Verdict | undefined => {
    if (fact.subject === facts.network) return cut.membership.verdicts.get(fact.ref);
    const { event, reason } = readable(fact, cut);
    if (event === null) return without(reason);
    if (event.type === "subject.merged") return effective;
    const kind = kindOf(fact.subject);
    if (kind !== null && speaksOf(event.type, kind)) return verdictsOf(fact.subject, kind).get(fact.ref);
    const stopped = gate(fact, null, false, cut);
    return stopped.reason === null ? undefined : without(stopped.reason);
  };

  const forget = (subject: string): void => {
    initiatives.delete(subject);
    challenges.delete(subject);
    commitments.delete(subject);
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
    get membership() {
      membership ??= foldMembership({ ...facts, facts: facts.factsOf(facts.network) });
      return membership;
    },
    get members() {
      members ??= networkOf(cut);
      return members;
    },
    initiative: (ref) => (kindOf(ref) === "initiative" ? initiativeFold(ref).initiative : null),
    challenge: (ref) => (kindOf(ref) === "challenge" ? challengeFold(ref).challenge : null),
    commitment: (ref) => (kindOf(ref) === "commitment" ? commitmentFold(ref).commitment : null),
    subjects: (kind) => facts.subjects(kind),
    citing: (subject) => facts.citing(subject),
    take: (fact) => {
      if (fact.subject === facts.network) {
        membership = undefined;
        members = undefined;
      }
      const concerned =
        fact.subject === facts.network ? concernedBy(fact, facts, cut.membership) : [fact.subject];
      const changed = new Set(concerned.flatMap((one) => [one, ...dependentsOf(facts, one)]));
      for (const subject of changed) forget(subject);
      return [...new Set([fact.subject, ...changed])];
    },
    forgetAll: () => {
      initiatives.clear();
      challenges.clear();
      commitments.clear();
      membership = undefined;
      members = undefined;
    },
  };
  return cut;
}

/** Only a departure changes anything above the network: all else matters to entries alone that come after it. */
const concernedBy = ({ ref, by, told }: Fact, facts: Facts, { verdicts }: Membership): readonly string[] =>
  told.ok && told.event.type === "member.left" && verdicts.get(ref)?.effect === "effective"
    ? facts.involving(by)
    : [];
