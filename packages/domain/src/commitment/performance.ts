/**
 * What was done under terms that bind, kept as sums. The debtor says what is done, those it was promised to say whether
 * it was; neither says it for the other.
 */
import type { LogId, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Beneficiary } from "@handfast/protocol/terms";
import { type Fact, insertInOrder, isBefore } from "../fact.ts";
import type { BoundState } from "./stages.ts";
import { partnersAmong, type Terms } from "./terms.ts";

type Confirmed = "full" | "partial";

/** The receiver's word that it takes a pledge over. */
export type CarryAccepted = { readonly fact: Fact; readonly offer: Ref; readonly terms: PinnedRef };
/** @property crossings Entries each of which crosses the handoff for everyone who knows of it. */
export type Carried = {
  readonly fact: Fact;
  readonly to: PartnerId;
  readonly crossings: ReadonlySet<Ref>;
  isCrossed: boolean;
};

export type Performance = {
  readonly declined: Set<PartnerId>;
  readonly released: Set<PartnerId>;
  readonly confirmed: Map<PartnerId, Confirmed>;
  hasProgressed: boolean;
  hasClaims: boolean;
  isWithdrawn: boolean;
  /** The latest claim of each log that no dispute answers yet; it stands for all before it. */
  readonly openClaims: Map<LogId, Fact>;
  /** The latest dispute of each log that neither a claim nor its author's confirmation answers yet. */
  readonly openDisputes: Map<LogId, Fact>;
  readonly carryAccepted: Map<Ref, CarryAccepted>;
  /** In fold order. */
  readonly carried: Carried[];
};

export const openPerformance = (): Performance => ({
  declined: new Set(),
  released: new Set(),
  confirmed: new Map(),
  hasProgressed: false,
  hasClaims: false,
  isWithdrawn: false,
  openClaims: new Map(),
  openDisputes: new Map(),
  carryAccepted: new Map(),
  carried: [],
});

// What is asked

/** Who owes what was bound: the last one it was carried to by a handoff that came about. */
export function debtorIn(
  { carried }: Performance,
  bound: Terms,
): { readonly debtor: PartnerId; readonly carriedBy: Ref | null } {
  const last = carried.findLast((one) => !one.isCrossed);
  return last === undefined
    ? { debtor: bound.debtor, carriedBy: null }
    : { debtor: last.to, carriedBy: last.fact.ref };
}

/** Whether a partner came to owe it by an entry that carried it there; `null`: by the terms. */
export const hasComeToOwe = ({ carried }: Performance, owes: Ref | null): boolean =>
  owes === null || carried.find((one) => one.fact.ref === owes)?.isCrossed === false;

/** Without those who said that the pledge is not for them. */
export const beneficiariesIn = ({ declined }: Performance, bound: Terms): readonly Beneficiary[] =>
  bound.beneficiaries.filter((one) => !declined.has(one));
export const confirmersIn = ({ declined }: Performance, bound: Terms): readonly PartnerId[] =>
  bound.confirmers.filter((one) => !declined.has(one));
export const isConfirmer = ({ declined }: Performance, bound: Terms, by: PartnerId): boolean =>
  bound.confirmers.includes(by) && !declined.has(by);

/** All (remaining) partners it was promised to let it go. */
export function isReleased(done: Performance, bound: Terms): boolean {
  const partners = partnersAmong(beneficiariesIn(done, bound));
  return partners.length > 0 && partners.every((one) => done.released.has(one));
}

export function stateIn(done: Performance, bound: Terms): BoundState {
  const confirmers = confirmersIn(done, bound);
  if (beneficiariesIn(done, bound).length === 0) return "declined";
  const isSatisfied = confirmers.length > 0 && confirmers.every((one) => done.confirmed.get(one) === "full");
  if (isSatisfied) return "satisfied";
  if (isReleased(done, bound)) return "released";
  if (done.isWithdrawn) return "withdrawn";
  if (confirmers.some((one) => disputes(done, one))) return "disputed";
  return done.hasClaims ? "claimed" : "active";
}

/** Whether a dispute of this partner stands. */
export const disputes = ({ openDisputes }: Performance, by: PartnerId): boolean =>
  openDisputes.values().some((dispute) => dispute.by === by);

// What is added

export function addClaim(done: Performance, claim: Fact): void {
  done.hasClaims = true;
  done.openClaims.set(claim.log, claim);
  for (const [log, dispute] of done.openDisputes) {
    if (isBefore(dispute, claim)) done.openDisputes.delete(log);
  }
}

export function addConfirmation(done: Performance, fact: Fact, as: Confirmed): void {
  if (as === "full" || !done.confirmed.has(fact.by)) done.confirmed.set(fact.by, as);
  for (const [log, dispute] of done.openDisputes) {
    if (dispute.by === fact.by && isBefore(dispute, fact)) done.openDisputes.delete(log);
  }
}

export function addDispute(done: Performance, dispute: Fact): void {
  done.openDisputes.set(dispute.log, dispute);
  for (const [log, claim] of done.openClaims) {
    if (isBefore(claim, dispute)) done.openClaims.delete(log);
  }
}

export const addCarried = ({ carried }: Performance, made: Carried): void =>
  insertInOrder(carried, made, (one) => one.fact);

/** An entry became known that crosses handoffs: whom they carried it to does not owe it. */
export function addCrossing({ carried }: Performance, crossing: Ref): void {
  for (const one of carried) if (one.crossings.has(crossing)) one.isCrossed = true;
}
