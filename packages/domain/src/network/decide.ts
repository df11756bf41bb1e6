/** Answers commands about membership: sponsor, vote, attest, leave. Inviting writes no entry. */
import type { Command } from "@handfast/api/verbs";
import type { LogId, PartnerId, Ref } from "@handfast/protocol/ids";
import { type Accepted, type Decision, type Draft, refuse } from "../decision.ts";
import { plainDraft, provenance, textsOf } from "../drafting.ts";
import { isBefore, wholePast } from "../fact.ts";
import { acceptIfEffective, ownLogIn } from "../rehearsal.ts";
import type { WholeView } from "../whole.ts";

export type NetworkCommand = Command<"partner.admit" | "partner.leave">;

export function decideNetwork(command: NetworkCommand, view: WholeView): Decision {
  switch (command.name) {
    case "partner.admit":
      return decideAdmit(command, view);
    case "partner.leave":
      return acceptIfEffective([plainDraft(command)], view);
  }
}

/** What federation asks when a peer that was invited shows its log. A sponsorship is not a vote. */
export const decideSponsor = (
  candidate: { readonly root: PartnerId; readonly log: LogId },
  view: WholeView,
): Decision =>
  acceptIfEffective([{ type: "member.sponsored", subject: null, x: { ...candidate } }], view, [
    view.cut.network,
  ]);

/** A vote on a sponsorship; on a partner that left and that nobody has sponsored since, a new sponsorship and a yes. */
export function decideAdmit({ on, body }: Command<"partner.admit">, view: WholeView): Decision {
  const endorsed = <Opening extends Ref | "#0">(opening: Opening) => ({
    type: "member.endorsed" as const,
    subject: opening,
    x: { ...provenance(body), opening, yes: body.yes },
    ...textsOf(body),
  });
  const returning = body.yes ? departedCandidate(on, view) : null;
  if (returning === null)
    return isSettled(on, view) ? refuse("already-a-member") : acceptIfEffective([endorsed(on)], view);
  const x = { ...provenance(body), ...returning };
  return acceptIfEffective([{ type: "member.sponsored", subject: null, x }, endorsed("#0")], view);
}

/** Whether the partner of a sponsorship is a member by it: one more vote would change nothing, and stand there for good. */
const isSettled = (sponsorship: Ref, { cut }: WholeView): boolean =>
  cut.members.admissions.some(
    (admission) => admission.sponsorship === sponsorship && admission.state === "attested",
  );

/** The partner of a membership that is over, as somebody to sponsor again; `null` where it is not over, or waits for votes again. */
function departedCandidate(membership: Ref, { cut }: WholeView): { root: PartnerId; log: LogId } | null {
  const told = cut.fact(membership)?.told;
  if (told?.ok !== true) return null;
  const { type, x } = told.event;
  const root =
    type === "member.sponsored" ? x.root : type === "charter.attested" ? cut.fact(membership)?.by : null;
  const partner = cut.members.partners.find(({ id }) => id === root);
  const log = partner?.state === "left" ? ownLogIn(cut, partner.id) : null;
  return partner === undefined || log === null ? null : { root: partner.id, log };
}

/** The attestation this partner owes: as a founder, or once it was voted in. `null`: none. */
export function owedAttestation(view: WholeView): Accepted | null {
  const subject = owedMembership(view);
  if (subject === undefined) return null;
  const draft: Draft = { type: "charter.attested", subject, x: { charter: view.cut.network } };
  const decision = acceptIfEffective([draft], view);
  return decision.ok ? decision : null;
}

/** `null` is a founder's own; `undefined`: no membership waits for this partner's word. */
function owedMembership({ cut, self }: WholeView): Ref | null | undefined {
  const { membership } = cut;
  const log = ownLogIn(cut, self);
  if (log === null || membership.isActive(self, wholePast)) return undefined;
  const latest = membership.actsOf(self).at(-1);
  if (latest === undefined && cut.charter.founders.includes(self)) return null;
  // Who left comes back by a sponsorship it had not seen when leaving, and never by its node alone.
  return cut.members.admissions.findLast(({ sponsorship, root, log: named, state }) => {
    const fact = cut.fact(sponsorship);
    const isNew = latest === undefined || (fact !== undefined && !isBefore(fact, latest));
    return root === self && named === log && state === "passed" && isNew;
  })?.sponsorship;
}
