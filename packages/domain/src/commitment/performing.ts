/**
 * Keeping a promise that binds: report progress, claim, confirm, dispute, release, withdraw, decline a pledge. For each:
 * may I?
 */
import { isImport } from "../starting-well.ts";
import type { Acting, ActingCommand } from "./acting.ts";
import {
  addClaim,
  addConfirmation,
  addDispute,
  beneficiariesIn,
  isConfirmer,
  isReleased,
  stateIn,
} from "./performance.ts";
import { type CommitmentState, isClosedState } from "./stages.ts";
import { addPresuming } from "./standing.ts";
import { byDebtor, doneUnder, underTerms } from "./state.ts";
import { isOfPledge, isPartner } from "./terms.ts";

export const progressed = byDebtor<"commitment.progressed">({
  judge: (_, { done, bound }) => (isClosedState(stateIn(done, bound.terms)) ? "closed" : null),
  add: (state, { note }) => {
    doneUnder(state, note).hasProgressed = true;
  },
});

export const claimed = byDebtor<"commitment.claimed">({
  judge: (_, { done, bound }) => {
    // Claimed again only in answer to a dispute: a second claim would say nothing new.
    if (done.isWithdrawn || done.openClaims.size > 0) return "wrong-state";
    return isReleased(done, bound.terms) ? "closed" : null;
  },
  add: (state, { fact, note }) => {
    addClaim(doneUnder(state, note), fact);
    addPresuming(state, fact);
  },
});

export const confirmed = underTerms<"commitment.confirmed">({
  judge: ({ fact, event: { x } }, { done, bound }) => {
    if (!isConfirmer(done, bound.terms, fact.by)) return "not-a-confirmer";
    if (!done.hasClaims && !(x.as === "partial" && done.hasProgressed)) return "not-claimed";
    return done.confirmed.get(fact.by) === "full" ? "already-confirmed" : null;
  },
  add: (state, { fact, event, note }) => {
    addConfirmation(doneUnder(state, note), fact, event.x.as);
    addPresuming(state, fact);
  },
});

export const disputed = underTerms<"commitment.disputed">({
  judge: ({ fact }, { done, bound }) => {
    if (!isConfirmer(done, bound.terms, fact.by)) return "not-a-confirmer";
    if (!done.hasClaims) return "not-claimed";
    return done.confirmed.get(fact.by) === "full" ? "already-confirmed" : null;
  },
  add: (state, { fact, note }) => addDispute(doneUnder(state, note), fact),
});

export const released = underTerms<"commitment.released">({
  judge: ({ fact }, { done, bound }) => {
    const beneficiaries = beneficiariesIn(done, bound.terms).filter(isPartner);
    if (!beneficiaries.includes(fact.by)) return "not-a-party";
    return done.released.has(fact.by) ? "already-released" : null;
  },
  add: (state, { fact, note }) => void doneUnder(state, note).released.add(fact.by),
});

export const withdrawn = byDebtor<"commitment.withdrawn">({
  judge: (_, { done, bound }) => {
    if (done.hasClaims) return "already-claimed";
    return done.isWithdrawn || isReleased(done, bound.terms) ? "closed" : null;
  },
  add: (state, { note }) => {
    doneUnder(state, note).isWithdrawn = true;
  },
});

export const pledgeDeclined = underTerms<"commitment.pledge-declined">({
  judge: ({ fact }, { done, bound: { terms } }) => {
    if (!isOfPledge(terms) || !terms.beneficiaries.includes(fact.by)) return "not-a-party";
    if (done.declined.has(fact.by)) return "already-declined";
    if (done.confirmed.get(fact.by) === "full") return "already-confirmed";
    // Whom a promise was kept for cannot make it one that was never wanted.
    return stateIn(done, terms) === "satisfied" ? "closed" : null;
  },
  add: (state, { fact, note }) => void doneUnder(state, note).declined.add(fact.by),
});

// What our own node decides

/** Acts that would change nothing: a release, withdrawal or claim of what is closed has no effect. */
const idle: { readonly [Name in Acting]?: readonly CommitmentState[] } = {
  "commitment.release": ["satisfied", "released", "declined"],
  "commitment.withdraw": ["satisfied", "withdrawn", "declined"],
  "commitment.claim": ["satisfied", "declined"],
  "commitment.decline-pledge": ["satisfied", "released", "withdrawn"],
};

/** What moves a day, or answers that: nobody owes anything by that day once the promise is kept or given up. */
const aboutDays: readonly Acting[] = [
  "commitment.propose-revision",
  "commitment.accept-revision",
  "commitment.decline-revision",
  "commitment.retract-revision",
];

/** A history may say that a day was moved after the end: its source recorded that. */
export const changesNothing = ({ name, body }: ActingCommand, state: CommitmentState): boolean =>
  idle[name]?.includes(state) === true ||
  (aboutDays.includes(name) && isClosedState(state) && !isImport(body));
