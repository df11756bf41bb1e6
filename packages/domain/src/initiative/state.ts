/** What a reader has seen of an initiative, kept up to date as entries are added. */
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { compareFacts, type Fact, insertInOrder } from "../fact.ts";
import { openTransfers, type Transfers } from "../laws/transfer.ts";

export type Status = "proposed" | "active" | "paused" | "completed";
export type Offer = {
  readonly fact: Fact;
  readonly to: PartnerId;
  readonly term: number;
  readonly until: string | null;
  readonly trialUntil: string | null;
  /** The completion that gave its author the seat; `null`: held from the beginning. */
  readonly under: Ref | null;
  readonly cancels: Fact[];
  readonly answers: { readonly fact: Fact; readonly accepts: boolean }[];
};
export type Accept = {
  readonly fact: Fact;
  readonly offer: Ref;
  readonly retractions: Fact[];
  isReaffirmed: boolean;
};
export type Latest<Value> = { readonly fact: Fact; readonly value: Value };
/** An act of the lead: what it said, and the completion that gave it the seat. */
export type LeadAct<Value> = Latest<Value> & { readonly under: Ref | null };

export type InitiativeState = {
  readonly creation: Fact;
  readonly seats: Transfers;
  readonly offers: Map<Ref, Offer>;
  readonly accepts: Map<Ref, Accept>;
  readonly takingPart: Map<PartnerId, Latest<boolean>>;
  readonly stepUps: Map<PartnerId, Latest<"lead" | "co" | "shadow">>;
  /** In fold order. */
  readonly steps: LeadAct<Status>[];
  readonly notes: LeadAct<string>[];
};

export const openInitiative = (creation: Fact, isOpen: boolean): InitiativeState => ({
  creation,
  seats: openTransfers(isOpen ? null : creation.by, creation),
  offers: new Map(),
  accepts: new Map(),
  takingPart: new Map(),
  stepUps: new Map(),
  steps: [],
  notes: [],
});

/** Of what a partner says again and again, the latest in fold order. */
export function setLatest<Value>(map: Map<PartnerId, Latest<Value>>, fact: Fact, value: Value): void {
  const known = map.get(fact.by);
  if (known === undefined || compareFacts(known.fact, fact) < 0) map.set(fact.by, { fact, value });
}

export const insertAct = <Value>(acts: LeadAct<Value>[], act: LeadAct<Value>): void =>
  insertInOrder(acts, act, (one) => one.fact);

/** Whether a seat did not come about, for a reader of this state: the completion that gave it is crossed. */
export const isSeatCrossed = (under: Ref | null, { seats }: InitiativeState): boolean =>
  under !== null && seats.byRef.get(under)?.isCrossed === true;

/** The last act of a lead whose seat came about. */
export const lastActOf = <Value>(
  acts: readonly LeadAct<Value>[],
  state: InitiativeState,
): LeadAct<Value> | undefined => acts.findLast((act) => !isSeatCrossed(act.under, state));

export const statusOf = (state: InitiativeState): Status =>
  lastActOf(state.steps, state)?.value ?? "proposed";
