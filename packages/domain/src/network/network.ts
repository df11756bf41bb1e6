/**
 * The network as people see it: its partners, how far each admission got, and whose word is waited for. What counts is
 * decided in `membership.ts`; here it is only told for everything inside the cut.
 */
import type { LogId, PartnerId, Ref } from "@handfast/protocol/ids";
import type { Cut } from "../cut.ts";
import { compareFacts, compareText, type Fact, isBefore } from "../fact.ts";
import { countElectors } from "../laws/slot.ts";
import type { Admission, Membership } from "./membership.ts";

export type PartnerState = "invited" | "sponsored" | "endorsed" | "active" | "left";

export type Partner = {
  readonly id: PartnerId;
  /** As its newest log says; `null` where that log was not heard of. */
  readonly name: string | null;
  readonly logs: readonly LogId[];
  readonly state: PartnerState;
  /** The entry that created the membership it has, had or is to have. */
  readonly membership: Ref | null;
  /** When it became what it is, in milliseconds; `null` for `invited`. */
  readonly at: number | null;
};

export type AdmissionView = {
  readonly sponsorship: Ref;
  readonly root: PartnerId;
  readonly log: LogId;
  readonly by: PartnerId;
  readonly at: number;
  readonly electorate: readonly PartnerId[];
  /** How many yes admit. */
  readonly needed: number;
  readonly yes: readonly PartnerId[];
  readonly no: readonly PartnerId[];
  /** `failed`: so many said no that it cannot pass any more. */
  readonly state: "open" | "passed" | "failed" | "attested";
};

export type NetworkMove = {
  readonly party: PartnerId;
  readonly verb: "vote" | "attest";
  readonly sponsorship: Ref | null;
};

export type NetworkState = {
  readonly name: string;
  /** Sorted by id. */
  readonly partners: readonly Partner[];
  readonly admissions: readonly AdmissionView[];
  readonly moves: readonly NetworkMove[];
};

export function networkOf(cut: Cut): NetworkState {
  const { membership, charter } = cut;
  const facts = cut.factsOf(cut.network);
  const admissions = [...membership.admissions.values()]
    .sort((a, b) => compareFacts(a.sponsorship, b.sponsorship))
    .map((one) => admissionView(one, membership));
  const roots = admissions.map((one) => one.root);
  const ids = new Set([...charter.founders, ...membership.known, ...roots]);
  const partners = [...ids].sort(compareText).map((id) => partnerOf(id, facts, admissions, cut));
  const invited = partners.filter((one) => one.state === "invited");
  return {
    name: charter.name,
    partners,
    admissions,
    moves: [
      ...invited.map(({ id }): NetworkMove => ({ party: id, verb: "attest", sponsorship: null })),
      ...admissions.flatMap((one) => movesOn(one, partners)),
    ],
  };
}

function partnerOf(
  id: PartnerId,
  facts: readonly Fact[],
  admissions: readonly AdmissionView[],
  { membership, fact: factOf }: Cut,
): Partner {
  const opened = facts.flatMap(({ by, log, told }) =>
    by === id && told.ok && told.event.type === "log.opened" ? [{ log, name: told.event.x.name }] : [],
  );
  const about = { id, name: opened.at(-1)?.name ?? null, logs: [...new Set(opened.map((one) => one.log))] };
  const latest = membership.actsOf(id).at(-1);
  if (latest?.told.ok === true && latest.told.event.type === "charter.attested") {
    return { ...about, state: "active", membership: latest.names ?? latest.ref, at: latest.at[0] };
  }
  const sponsored = admissions.findLast((one) => {
    const fact = factOf(one.sponsorship);
    return one.root === id && fact !== undefined && (latest === undefined || !isBefore(fact, latest));
  });
  if (sponsored !== undefined) {
    const state = sponsored.state === "passed" ? "endorsed" : "sponsored";
    return { ...about, state, membership: sponsored.sponsorship, at: sponsored.at };
  }
  if (latest === undefined) return { ...about, state: "invited", membership: null, at: null };
  return { ...about, state: "left", membership: latest.names, at: latest.at[0] };
}

function admissionView(admission: Admission, membership: Membership): AdmissionView {
  const { sponsorship, root, log, electorate, needed } = admission;
  const votes = [...membership.votesOn(admission)].sort((a, b) => compareFacts(a.fact, b.fact));
  const yes = votes.filter((vote) => vote.yes);
  const no = votes.filter((vote) => !vote.yes);
  const isAttested = membership.actsOf(root).some((act) => act.names === sponsorship.ref);
  const hasPassed = countElectors(yes) >= needed;
  const hasFailed = countElectors(no) > electorate.length - needed;
  return {
    sponsorship: sponsorship.ref,
    root,
    log,
    by: sponsorship.by,
    at: sponsorship.at[0],
    electorate,
    needed,
    yes: yes.map((vote) => vote.fact.by),
    no: no.map((vote) => vote.fact.by),
    state: isAttested ? "attested" : hasPassed ? "passed" : hasFailed ? "failed" : "open",
  };
}

function movesOn(admission: AdmissionView, partners: readonly Partner[]): readonly NetworkMove[] {
  const { sponsorship, root, electorate, yes, no } = admission;
  const isActive = (id: PartnerId) => partners.some((one) => one.id === id && one.state === "active");
  if (isActive(root)) return [];
  if (admission.state === "passed") return [{ party: root, verb: "attest", sponsorship }];
  if (admission.state !== "open") return [];
  return electorate
    .filter((id) => isActive(id) && !yes.includes(id) && !no.includes(id))
    .map((party) => ({ party, verb: "vote", sponsorship }));
}
