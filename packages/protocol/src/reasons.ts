/**
 * Every reason for which the domain refuses something: the fold's reasons (docs/reference/fold.md), then the further refusals
 * of commands. A code is never reused for another meaning.
 */

/** Why an entry has no effect. The first six are asked of every entry, in this order. */
export const reasons = [
  "opaque",
  "malformed",
  "ref-not-in-past",
  "wrong-subject",
  "not-a-member",
  "subject-full",
  // network
  "already-a-member",
  "not-a-founder",
  "wrong-charter",
  "wrong-opening",
  "not-an-elector",
  "already-voted",
  "not-the-candidate",
  "not-endorsed",
  "not-proven",
  // initiatives, seat, handoff
  "already-joined",
  "not-a-participant",
  "not-the-lead",
  "wrong-state",
  "already-the-lead",
  "handoff-to-self",
  "not-the-receiver",
  "not-the-giver",
  "already-answered",
  "already-retracted",
  "already-cancelled",
  "handoff-cancelled",
  "handoff-closed",
  "not-accepted",
  "acceptance-retracted",
  "receiver-not-a-member",
  "not-crossed",
  // challenges and help
  "own-challenge",
  "not-the-owner",
  "not-the-offerer",
  "challenge-resolved",
  "offer-closed",
  "offer-retracted",
  // commitments
  "not-a-party",
  "own-terms",
  "parties-changed",
  "terms-closed",
  "terms-differ",
  "already-signed",
  "already-bound",
  "party-left",
  "not-active",
  "not-the-debtor",
  "wrong-offer",
  "stale-terms",
  "stale-base",
  "handoff-without-effect",
  "already-declined",
  "not-a-confirmer",
  "not-claimed",
  "already-confirmed",
  "already-released",
  "already-claimed",
  "closed",
  // conversations
  "wrong-link",
  "not-the-author",
  "not-the-asker",
  "not-asked",
  "not-consented",
] as const;
export type Reason = (typeof reasons)[number];

/** Refusals of commands alone: guards at the author's node, which the fold does not check again. */
export const guards = [
  "not-found",
  "payload-not-held",
  "needs-two-commitments",
  "due-in-the-past",
  "occurred-in-the-future",
  "nothing-to-change",
  "handoff-lapsed",
  "initiative-completed",
  "unknown-partner",
  "nothing-to-accept",
  "several-open",
  "ambiguous-terms",
  "promise-to-self",
  "partners-only",
  "day-missing",
  "nothing-asked",
  "promotion-unclear",
  "crossed",
] as const;
export type Guard = (typeof guards)[number];

export type Refusal = Reason | Guard;
