/**
 * Folds whatever is asked of a set of facts, each subject at most once. Who holds the facts tells when a fold is stale.
 *
 * Verdicts on entries that speak of another kind of thing than their subject is are given without folding it: that
 * keeps the order of subjects (network < initiative < challenge and help < commitment) even against entries made to
 * tie it into a knot.
 */
import type { Charter } from "@handfast/protocol/charter";
import type { NetworkId, Ref } from "@handfast/protocol/ids";
import { type CommitmentFold, foldCommitment } from "./commitment/commitment.ts";
import type { Fact } from "./fact.ts";
import { gate, readable } from "./gate.ts";
import { type ChallengeFold, foldChallenge } from "./help/challenge.ts";
import { foldInitiative, type InitiativeFold } from "./initiative/initiative.ts";
import { createdBy, type Kind, speaksOf } from "./kind.ts";
import { foldMembership, type Membership } from "./network/membership.ts";
import { type NetworkState, networkOf } from "./network/network.ts";
import { effective, type Verdict, without } from "./verdict.ts";
import type { WholeCut } from "./whole.ts";

/** Where the facts of a cut come from. */
export interface Facts {
  readonly network: NetworkId;
  readonly charter: Charter;
  fact(ref: Ref): Fact | undefined;
  /** In the order of visiting. */
  factsOf(subject: string): readonly Fact[];
  subjects(kind: Kind): readonly Ref[];
  citing(subject: string): readonly string[];
}

export interface FoldedCut extends WholeCut {
  /** Forgets what a subject came to. */
  forget(subject: string): void;
  /** Forgets everything: who is a member decides everywhere. */
  forgetAll(): void;
}

/** @param known The network's fold, where it is known to be the same as of another cut. */
export function foldFacts(facts: Facts, known?: Membership): FoldedCut {
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

  const cut: FoldedCut = {
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
    forget: (subject) => {
      initiatives.delete(subject);
      challenges.delete(subject);
      commitments.delete(subject);
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
