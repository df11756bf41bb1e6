/**
 * Law L2: what one partner holds passes to another in three steps: it offers, the other accepts, it completes. Until then
 * the giver holds it, and afterwards the receiver, for everyone who knows of the completion.
 *
 * One log is one line, so there is one completion a term. Where its giver signed two histories, or wrote two logs that both
 * were relied on, there may be two that do not know of each other: both are crossed and nobody holds it.
 *
 * A completion that the receiver took back without knowing of it is crossed, and what was done under a seat that it gave
 * is crossed with it. Both are asked of what a reader has seen: here, of one state.
 */
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { compareFacts, type Fact, insertInOrder, isBefore, isConcurrent, type Past } from "../fact.ts";

/** Who holds it, in which term, since which entry. */
export type Seat = {
  readonly term: number;
  /** `null`: nobody held it from the beginning. */
  readonly holder: PartnerId | null;
  /** The entry that gave it. */
  readonly since: Fact;
  /** `null`: held from the beginning. */
  readonly by: Completion | null;
};

export type Completion = {
  readonly fact: Fact;
  /** The acceptance it completes. */
  readonly accept: Ref;
  readonly receiver: PartnerId;
  /** The term it ends. */
  readonly term: number;
  /** What gave its author the seat. */
  readonly under: Completion | null;
  /** Completions done under the seat it gave. */
  readonly gave: Completion[];
  /** What took it back without knowing of it. */
  readonly crossings: Fact[];
  isCrossed: boolean;
};

export type Transfers = {
  readonly byRef: Map<Ref, Completion>;
  readonly byAccept: Map<Ref, Completion[]>;
  /** By the term they end, each in fold order. */
  readonly byTerm: Map<number, Completion[]>;
  /** What may take a completion back: retractions of an acceptance, departures of a receiver. */
  readonly retractions: Map<Ref, Fact[]>;
  readonly departures: Map<PartnerId, Fact[]>;
  /** Terms that were ended twice: of the completions none knew of the other. */
  readonly contested: Set<number>;
  /** Every seat so far, term by term, as long as nothing of it changes. */
  readonly seats: Seat[];
  /** The same by who held it. */
  readonly heldBy: Map<PartnerId | null, Seat[]>;
};

export function openTransfers(holder: PartnerId | null, since: Fact): Transfers {
  const first: Seat = { term: 1, holder, since, by: null };
  return {
    byRef: new Map(),
    byAccept: new Map(),
    byTerm: new Map(),
    retractions: new Map(),
    departures: new Map(),
    contested: new Set(),
    seats: [first],
    heldBy: new Map([[holder, [first]]]),
  };
}

// What is asked

/** Every seat there was, in order; the last is the one held now. */
export function seatsIn(state: Transfers): readonly Seat[] {
  const { seats, byTerm } = state;
  for (;;) {
    const ending = byTerm.get(seats.length) ?? [];
    const passed = ending.find((one) => !one.isCrossed);
    const since = passed?.fact ?? (state.contested.has(seats.length) ? ending.at(-1)?.fact : undefined);
    if (since === undefined) return seats;
    const seat = { term: seats.length + 1, holder: passed?.receiver ?? null, since, by: passed ?? null };
    seats.push(seat);
    append(state.heldBy, seat.holder, seat);
  }
}

/** The last seat that a partner holds as far as it can know, unless it gave it away. */
export function seatHeldBy(partner: PartnerId, state: Transfers): Seat | null {
  seatsIn(state);
  const seat = state.heldBy.get(partner)?.at(-1);
  if (seat === undefined) return null;
  const ending = completionsOf(seat.term, state);
  const gaveAway = ending.some((one) => one.fact.by === partner && !one.isCrossed);
  return gaveAway || state.contested.has(seat.term) ? null : seat;
}

const completionsOf = (term: number, { byTerm }: Transfers): readonly Completion[] => byTerm.get(term) ?? [];

/** Whether a term has ended, for a reader of this state. */
export const hasEnded = (term: number, state: Transfers): boolean =>
  state.contested.has(term) || completionsOf(term, state).some((one) => !one.isCrossed);

/** Completions of an acceptance, crossed or not. */
export const completionsOfAccept = (accept: Ref, { byAccept }: Transfers): readonly Completion[] =>
  byAccept.get(accept) ?? [];

/** Entries each of which crosses a completion for a reader who knows of it: its own crossings, and those of its seat. */
export function crossingsOf(completion: Completion): readonly Fact[] {
  const crossings: Fact[] = [];
  for (let one: Completion | null = completion; one?.isCrossed === true; one = one.under) {
    crossings.push(...one.crossings);
  }
  return crossings;
}

// What is added

export function addCompletion(
  state: Transfers,
  made: Pick<Completion, "fact" | "accept" | "receiver" | "term"> & { readonly underRef: Ref | null },
): void {
  const { fact, accept, receiver, term, underRef } = made;
  const under = underRef === null ? null : (state.byRef.get(underRef) as Completion);
  const completion: Completion = {
    ...{ fact, accept, receiver, term, under },
    gave: [],
    crossings: [],
    isCrossed: under?.isCrossed ?? false,
  };
  under?.gave.push(completion);
  state.byRef.set(fact.ref, completion);
  append(state.byAccept, accept, completion);
  const ofTerm = state.byTerm.get(term) ?? [];
  state.byTerm.set(term, ofTerm);
  insertInOrder(ofTerm, completion, (one) => one.fact);
  // One that comes before the one that passed the seat on is the one that does.
  const next = state.seats[term];
  if (next?.by != null && compareFacts(fact, next.by.fact) < 0) forgetSeatsFrom(term, state);
  const takenBack = [...(state.retractions.get(accept) ?? []), ...(state.departures.get(receiver) ?? [])];
  for (const crossing of takenBack) cross(completion, crossing, state);
  for (const other of ofTerm) {
    if (!isConcurrent(other.fact, fact)) continue;
    state.contested.add(term);
    cross(other, fact, state);
    cross(completion, other.fact, state);
    forgetSeatsFrom(term, state);
  }
}

export function addRetraction(state: Transfers, accept: Ref, fact: Fact): void {
  append(state.retractions, accept, fact);
  for (const completion of completionsOfAccept(accept, state)) cross(completion, fact, state);
}

export function addDeparture(state: Transfers, left: Fact): void {
  append(state.departures, left.by, left);
  for (const completion of state.byRef.values()) {
    if (completion.receiver === left.by) cross(completion, left, state);
  }
}

function cross(completion: Completion, crossing: Fact, state: Transfers): void {
  if (!isConcurrent(crossing, completion.fact)) return;
  completion.crossings.push(crossing);
  const waiting = [completion];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (one.isCrossed) continue;
    one.isCrossed = true;
    if (state.seats[one.term]?.by === one) forgetSeatsFrom(one.term, state);
    waiting.push(...one.gave);
  }
}

function forgetSeatsFrom(index: number, { seats, heldBy }: Transfers): void {
  for (const seat of seats.splice(index).reverse()) heldBy.get(seat.holder)?.pop();
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/** Whether a holder left the network since, for a reader of this past. */
export const hasLeftSince = (
  { holder, since }: Seat,
  departuresOf: (partner: PartnerId, past: Past) => readonly Fact[],
  past: Past,
): boolean => holder !== null && departuresOf(holder, past).some((left) => !isBefore(left, since));
