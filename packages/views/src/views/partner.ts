/** A partner as readers see it: who it is, and by whose word it takes part. Nothing about it is measured. */

import { instantOf } from "@handfast/api/views/named";
import type { PartnerView, SponsorshipView } from "@handfast/api/views/partner";
import type { Past } from "@handfast/domain/fact";
import type { AdmissionView } from "@handfast/domain/network";
import { fingerprintOf } from "@handfast/protocol/fingerprint";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { maybe, type Reading } from "./reading.ts";

/** A past that holds everything inside the reading's moment. */
const everything: Past = () => Number.MAX_SAFE_INTEGER;

/** Null for a partner that nobody spoke of inside the moment. */
export function partnerView(id: PartnerId, reading: Reading): PartnerView | null {
  const { self, cut } = reading;
  const { named } = reading;
  const partner = cut.members.partners.find((one) => one.id === id);
  if (partner === undefined) return null;
  return {
    ...named(id),
    state: partner.state,
    fingerprint: fingerprintOf(id),
    isSelf: id === self,
    ...maybe("membership", partner.state === "active" ? partner.membership : null),
    sponsorships: admissionsOf(id, reading).map((one) => sponsorshipView(one, reading)),
    logs: [...partner.logs],
    ...maybe("since", partner.state === "active" && partner.at !== null ? instantOf(partner.at) : null),
    etag: reading.etag(cut.network),
  };
}

const admissionsOf = (partner: PartnerId, { cut }: Reading): readonly AdmissionView[] =>
  cut.members.admissions.filter((one) => one.root === partner);

const sponsorshipView = (admission: AdmissionView, { named }: Reading): SponsorshipView => ({
  id: admission.sponsorship,
  by: named(admission.by),
  at: instantOf(admission.at),
  state: admission.state,
  votes: [
    ...admission.yes.map((elector) => ({ by: named(elector), yes: true })),
    ...admission.no.map((elector) => ({ by: named(elector), yes: false })),
  ],
  needed: admission.needed,
  electors: admission.electorate.length,
});

/** The partner that a sponsorship or a founder's attestation is about. */
export function partnerOf(ref: Ref, { cut }: Reading): PartnerId | null {
  const fact = cut.fact(ref);
  if (fact?.told.ok !== true) return null;
  const { event } = fact.told;
  if (event.type === "member.sponsored") return event.x.root;
  return event.type === "charter.attested" ? fact.by : null;
}

/**
 * A ref stands for itself; a partner's id for its newest sponsorship when it is to be admitted, or for the membership it
 * gave up where nobody ever sponsored it (a founder's); else for its membership.
 */
export function membershipFor(id: string, verb: string, reading: Reading): Ref | null {
  if (id.includes(".")) return id;
  const { membership, members } = reading.cut;
  if (verb !== "admit") return membership.membershipIn(id, everything);
  const sponsored = admissionsOf(id, reading).at(-1)?.sponsorship;
  const departed = members.partners.find((one) => one.id === id && one.state === "left")?.membership;
  return sponsored ?? departed ?? null;
}
