/** Agreeing: counter, accept, decline, retract. For each: may I? */
import type { Command } from "@handfast/api/verbs";
import { type PinnedRef, unpin } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import { type Decision, refuse, stands } from "../decision.ts";
import { textsOf } from "../drafting.ts";
import type { Fact } from "../fact.ts";
import type { Rule } from "../kernel/machine.ts";
import { isImport, isOver, refuseOver } from "../starting-well.ts";
import { type ActingOn, awaiting, pick, say } from "./acting.ts";
import { refusalOfParties } from "./decide-terms.ts";
import { offersThese } from "./signature-by-offer.ts";
import {
  addPullBack,
  addSignature,
  addTerms,
  hasSigned,
  isClosed,
  isFullySigned,
  type Signature,
  type Stated,
} from "./standing.ts";
import { binds, type CommitmentState } from "./state.ts";
import { sameMembers, termsOf } from "./terms.ts";
import type { StandingTerms } from "./view.ts";

export const countered: Rule<CommitmentState, "commitment.countered", null> = {
  judge: ({ fact, event: { x } }, seen) => {
    const base = seen.stated.get(x.base);
    if (base === undefined) return "not-a-party";
    const { by, signers, debtor, beneficiaries } = base.terms;
    if (by === fact.by) return "own-terms";
    if (!signers.includes(fact.by)) return "not-a-party";
    if (x.debtor !== debtor || !sameMembers(x.beneficiaries, beneficiaries)) return "parties-changed";
    if (isClosed(base)) return "terms-closed";
    // Otherwise a party could undo what it signed by stating other terms.
    return isFullySigned(base) || binds(seen) ? "already-bound" : null;
  },
  add: (state, { fact, event }) => {
    addTerms(state, termsOf(fact, event), fact);
    addPullBack(state, event.x.base, "countered", fact);
  },
};

/** Which terms an acceptance signs, and with which entry: its own, or the offer of help it names. */
export type Signing = { readonly terms: PinnedRef; readonly signature: Signature };

export const accepted: Rule<CommitmentState, "commitment.accepted", Signing> = {
  judge: ({ fact, event: { x } }, seen, cut) => {
    const stated = seen.stated.get(x.terms);
    if (stated === undefined) return judgeSignatureByOffer(fact, x.terms, seen, cut);
    if (!stated.terms.signers.includes(fact.by)) return "not-a-party";
    // Who signed by an offer of help and retracted it may sign the request itself, and so stand by it.
    const standsByHelp = stated.pullBacks.some(
      (one) => one.how === "help-retracted" && one.by === fact.by && one.reply === null,
    );
    if (hasSigned(stated, fact.by) && !standsByHelp) return "already-signed";
    const signature = { by: fact.by, fact, since: fact };
    return hindersSigning(stated, fact, seen, cut) ?? { terms: x.terms, signature };
  },
  add: (state, { note }) => addSignature(state, note.terms, note.signature),
};

function judgeSignatureByOffer(
  fact: Fact,
  named: PinnedRef,
  seen: CommitmentState,
  cut: Cut,
): Reason | Signing {
  const { creation } = seen;
  const offer = cut.fact(unpin(named));
  if (offer?.told.ok !== true || offer.told.event.type !== "help.offered") return "not-a-party";
  if (!offersThese(offer, fact.by, creation, cut)) return "terms-differ";
  const asked = seen.stated.get(creation.terms.pinned);
  if (asked === undefined) return "not-a-party";
  if (hasSigned(asked, creation.terms.debtor)) return "already-signed";
  const signature = { by: offer.by, fact: offer, since: fact };
  return hindersSigning(asked, fact, seen, cut) ?? { terms: creation.terms.pinned, signature };
}

function hindersSigning(stated: Stated, fact: Fact, seen: CommitmentState, cut: Cut): Reason | null {
  if (isClosed(stated)) return "terms-closed";
  if (stated.terms.signers.some((signer) => hasLeft(signer, fact, cut))) return "party-left";
  // Terms beside those that bind: a party could cross them on purpose by signing these as well.
  return binds(seen, stated) ? "already-bound" : null;
}

/** Left and not come back, as far as the past tells. */
const hasLeft = (partner: string, fact: Fact, { membership }: Cut): boolean =>
  !membership.isActive(partner, fact.past) && membership.departuresOf(partner, fact.past).length > 0;

export const declined: Rule<CommitmentState, "commitment.declined", null> = {
  judge: ({ fact, event }, seen) => judgeDeclined(fact, seen.stated.get(event.x.terms)),
  add: (state, { fact, event }) => addPullBack(state, event.x.terms, "declined", fact),
};

export const retracted: Rule<CommitmentState, "commitment.retracted", null> = {
  judge: ({ fact, event }, seen) => judgeRetracted(fact, seen.stated.get(event.x.terms)),
  add: (state, { fact, event }) => addPullBack(state, event.x.terms, "retracted", fact),
};

export function judgeDeclined(fact: Fact, stated: Stated | undefined): Reason | null {
  if (stated?.terms.signers.includes(fact.by) !== true) return "not-a-party";
  return hasSigned(stated, fact.by) ? "already-signed" : hindersPullingBack(stated);
}

export const judgeRetracted = (fact: Fact, stated: Stated | undefined): Reason | null =>
  stated?.terms.by === fact.by ? hindersPullingBack(stated) : "not-a-party";

const hindersPullingBack = (stated: Stated): Reason | null =>
  isClosed(stated) ? "terms-closed" : isFullySigned(stated) ? "already-bound" : null;

// What our own node decides

export function decideCounter(command: Command<"commitment.counter">, situation: ActingOn): Decision {
  const { commitment, view } = situation;
  const { confirmers, due } = command.body;
  const waiting = awaiting(commitment.terms.all, view).filter((one) => one.standing === "open");
  const meant = pick(command.body.base, waiting, commitment.terms.all, "base");
  if ("refusal" in meant) return meant;
  const { debtor, beneficiaries, confirmers: named } = meant;
  const x = {
    debtor,
    beneficiaries: [...beneficiaries],
    confirmers: confirmers ?? [...named],
    due,
    base: meant.pinned,
  };
  const refusal = refusalOfParties(x, view);
  if (refusal !== null) return refuse(refusal);
  if (isOver(due, command.body, view)) return refuseOver(due, view);
  const decision = say(command, "commitment.countered", x, situation);
  // Our own, said again while they wait, are the answer as well.
  const isOwn = !decision.ok && decision.refusal === "own-terms" && meant.standing === "open";
  return (decision.ok || isOwn) && isRepetition(command, meant) ? stands(meant.ref) : decision;
}

/** Terms that say nothing else than those they answer would leave both sides to agree to what neither disputes. */
function isRepetition({ body }: Command<"commitment.counter">, meant: StandingTerms): boolean {
  if (isImport(body) || Object.keys(textsOf(body)).length > 0 || body.due !== meant.due) return false;
  const { confirmers } = body;
  return confirmers === undefined || sameMembers(confirmers, meant.confirmers);
}

export function decideSign(
  command: Command<"commitment.accept" | "commitment.accept-revision">,
  type: "commitment.accepted" | "commitment.revision-accepted",
  all: readonly StandingTerms[],
  situation: ActingOn,
): Decision {
  const waiting = awaiting(all, situation.view);
  if (command.body.terms === undefined && waiting.length === 0) return refuse("nothing-to-accept");
  const meant = pick(command.body.terms, waiting, all);
  if ("refusal" in meant) return meant;
  if (!situation.view.holdsPayload(meant.ref)) return refuse("payload-not-held");
  return say(command, type, { terms: meant.pinned }, situation);
}

export function decideDecline(
  command: Command<"commitment.decline" | "commitment.decline-revision">,
  type: "commitment.declined" | "commitment.revision-declined",
  all: readonly StandingTerms[],
  situation: ActingOn,
): Decision {
  const meant = pick(command.body.terms, awaiting(all, situation.view), all);
  return "refusal" in meant ? meant : say(command, type, { terms: meant.pinned }, situation);
}

export function decideRetract(
  command: Command<"commitment.retract" | "commitment.retract-revision">,
  type: "commitment.retracted" | "commitment.revision-retracted",
  all: readonly StandingTerms[],
  situation: ActingOn,
): Decision {
  const own = all.filter((one) => one.by === situation.view.self);
  const waiting = own.filter((one) => one.standing === "open" || one.standing === "dormant");
  const meant = pick(command.body.terms, waiting, own);
  return "refusal" in meant ? meant : say(command, type, { terms: meant.pinned }, situation);
}
