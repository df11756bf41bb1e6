/**
 * Membership: who takes part, by whose word (docs/reference/fold.md section 3). Every question is asked of a past, never
 * of "now", so that two partners who have seen the same entries answer it alike, and no verdict here ever changes.
 *
 * All network-level entries fold as one subject. Founders begin by their own attestation; others are sponsored, voted on
 * by the electorate of that sponsorship, and attest themselves: nobody is made a member by anyone else (law L1).
 */
import type { Charter } from "@handfast/protocol/charter";
import type { EventOf } from "@handfast/protocol/events";
import type { NetworkId, PartnerId, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import { compareText, type Fact, isBefore, type Past } from "../fact.ts";
import { readable } from "../gate.ts";
import { isAboutNetwork } from "../kind.ts";
import { effective, type Verdict, without } from "../verdict.ts";

/** A sponsorship that has effect, and the votes on it that count. */
export type Admission = {
  readonly sponsorship: Fact;
  readonly root: PartnerId;
  readonly log: string;
  /** Who may vote on it: fixed by its past, whatever is learned later (law L3). Sorted. */
  readonly electorate: readonly PartnerId[];
  /** Electors whose one vote was yes that admit. */
  readonly needed: number;
  readonly votes: readonly { readonly fact: Fact; readonly yes: boolean }[];
};

export interface Membership {
  /** Whether a partner is an active member for whoever has this past. */
  isActive(partner: PartnerId, past: Past): boolean;
  /** The entry that created the membership a partner holds in this past. */
  membershipIn(partner: PartnerId, past: Past): Ref | null;
  /** Effective `member.left` of a partner, in the order of visiting. */
  departuresOf(partner: PartnerId): readonly Fact[];
  /** Everyone with an effective attestation or departure. */
  readonly known: readonly PartnerId[];
  /** Effective `charter.attested` and `member.left` of a partner, in the order of visiting. */
  actsOf(partner: PartnerId): readonly Fact[];
  /** By the sponsorship's ref, in the order of visiting. */
  readonly admissions: ReadonlyMap<Ref, Admission>;
  /** What became of every entry at network level. */
  readonly verdicts: ReadonlyMap<Ref, Verdict>;
}

type Input = Pick<Cut, "fact"> & {
  readonly network: NetworkId;
  readonly charter: Pick<Charter, "founders">;
  /** All facts at network level, in the order of visiting. */
  readonly facts: readonly Fact[];
};

const majorityOf = (count: number): number => Math.floor(count / 2) + 1;

/** Folds the network-level entries of a cut. */
export function foldMembership({ network, charter, fact: factOf, facts }: Input): Membership {
  const acts = new Map<PartnerId, Fact[]>();
  const admissions = new Map<Ref, Admission & { readonly votes: { fact: Fact; yes: boolean }[] }>();
  const verdicts = new Map<Ref, Verdict>();

  const actsOf = (partner: PartnerId): readonly Fact[] => acts.get(partner) ?? [];
  const latestIn = (partner: PartnerId, past: Past): Fact | undefined =>
    actsOf(partner).findLast((act) => past(act.log) >= act.seq);
  const isActive = (partner: PartnerId, past: Past): boolean => isAttestation(latestIn(partner, past));
  const membershipIn = (partner: PartnerId, past: Past): Ref | null => {
    const latest = latestIn(partner, past);
    return latest !== undefined && isAttestation(latest) ? (latest.names ?? latest.ref) : null;
  };

  const electorateAt = (past: Past): readonly PartnerId[] => {
    const everyone = new Set([...charter.founders, ...acts.keys()]);
    const counts = (partner: PartnerId): boolean => {
      const latest = latestIn(partner, past);
      return latest === undefined ? charter.founders.includes(partner) : isAttestation(latest);
    };
    return [...everyone].filter(counts).sort(compareText);
  };

  const judgeAttested = (fact: Fact, { x }: EventOf<"charter.attested">): Reason | null => {
    if (fact.names === null) {
      if (!charter.founders.includes(fact.by)) return "not-a-founder";
      if (x.charter !== network) return "wrong-charter";
      return isActive(fact.by, fact.past) ? "already-a-member" : null;
    }
    const admission = admissions.get(fact.names);
    if (admission === undefined) return "wrong-subject";
    if (admission.root !== fact.by || admission.log !== fact.log) return "not-the-candidate";
    if (x.charter !== network) return "wrong-charter";
    const yes = admission.votes.filter((vote) => vote.yes && isBefore(vote.fact, fact));
    if (countElectors(yes) < admission.needed) return "not-endorsed";
    return isActive(fact.by, fact.past) ? "already-a-member" : null;
  };

  const judgeEndorsed = (fact: Fact, { x }: EventOf<"member.endorsed">): Reason | null => {
    const admission = admissions.get(fact.names ?? "");
    if (admission === undefined) return "wrong-subject";
    if (!isActive(fact.by, fact.past)) return "not-a-member";
    if (x.opening !== fact.names) return "wrong-opening";
    if (!admission.electorate.includes(fact.by)) return "not-an-elector";
    const voted = admission.votes.some((vote) => vote.fact.by === fact.by && isBefore(vote.fact, fact));
    return voted ? "already-voted" : null;
  };

  const judgeLeft = (fact: Fact): Reason | null => {
    const named = factOf(fact.names ?? "");
    if (named === undefined || !createsMembership(named, verdicts)) return "wrong-subject";
    if (!isActive(fact.by, fact.past)) return "not-a-member";
    return membershipIn(fact.by, fact.past) === fact.names ? null : "wrong-subject";
  };

  const judge = (fact: Fact): Reason | null => {
    const { event, reason } = readable(fact, { fact: factOf });
    if (event === null) return reason;
    if (!isAboutNetwork(event)) return "wrong-subject";
    switch (event.type) {
      case "log.opened":
        return null;
      case "charter.attested":
        return judgeAttested(fact, event);
      case "member.sponsored":
        if (!isActive(fact.by, fact.past)) return "not-a-member";
        return isActive(event.x.root, fact.past) ? "already-a-member" : null;
      case "member.endorsed":
        return judgeEndorsed(fact, event);
      case "member.left":
        return judgeLeft(fact);
    }
  };

  const record = (fact: Fact): void => {
    if (!fact.told.ok) return;
    const { event } = fact.told;
    if (event.type === "charter.attested" || event.type === "member.left") {
      acts.set(fact.by, [...actsOf(fact.by), fact]);
    } else if (event.type === "member.sponsored") {
      const electorate = electorateAt(fact.past);
      const needed = majorityOf(electorate.length);
      admissions.set(fact.ref, { sponsorship: fact, ...event.x, electorate, needed, votes: [] });
    } else if (event.type === "member.endorsed") {
      admissions.get(event.x.opening)?.votes.push({ fact, yes: event.x.yes });
    }
  };

  for (const fact of facts) {
    const reason = judge(fact);
    verdicts.set(fact.ref, reason === null ? effective : without(reason));
    if (reason === null) record(fact);
  }

  return {
    isActive,
    membershipIn,
    departuresOf: (partner) => actsOf(partner).filter((act) => !isAttestation(act)),
    known: [...acts.keys()].sort(compareText),
    actsOf,
    admissions,
    verdicts,
  };
}

/** Electors among votes: whoever opened a second log still has one voice. */
export const countElectors = (votes: Admission["votes"]): number =>
  new Set(votes.map((vote) => vote.fact.by)).size;

const isAttestation = (act: Fact | undefined): boolean =>
  act?.told.ok === true && act.told.event.type === "charter.attested";

function createsMembership(fact: Fact, verdicts: ReadonlyMap<Ref, Verdict>): boolean {
  if (!fact.told.ok || verdicts.get(fact.ref)?.effect !== "effective") return false;
  const { type } = fact.told.event;
  return type === "member.sponsored" || (type === "charter.attested" && fact.names === null);
}
