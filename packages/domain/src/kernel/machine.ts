/**
 * A machine: how the entries of one kind of thing are folded, as a table of rules. `fold.ts` runs it.
 *
 * A rule asks what an entry's author had seen, and adds what counts to a state. That is all a machine can do, so an entry
 * never counts or stops counting because of something its author could not know.
 */
import type { EventName } from "@handfast/protocol/events";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import type { Entry, Fact } from "../fact.ts";
import type { Passed } from "../laws/own-promise.ts";

/** An entry that counts, and what its author's past said of it: under which terms it was done, in which seat. */
export type Counted<Name extends EventName = EventName, Note = unknown> = Entry<Name> & {
  readonly note: Note;
};

/** @property Note Not a text: a text is a reason. */
export interface Rule<State, Name extends EventName, Note = unknown> {
  /** Why the entry does not count, asked of what its author had seen; where it counts, what to note about it. */
  judge(entry: Entry<Name>, seen: State, cut: Cut): Reason | Note;
  /**
   * Adds an entry that counts. States meet entries in different orders, of which only this is certain: causes come before
   * effects. Where two entries compete for being first, `compareFacts` decides, never the order of adding.
   */
  add(state: State, entry: Counted<Name, Note>): void;
}

export type Rules<State, Names extends EventName> = { readonly [Name in Names]: Rule<State, Name> };

export interface Machine<State> {
  /** The questions asked of every entry first. `creation` is the entry itself where that is to create the thing. */
  gate(fact: Fact, creation: Fact | null, cut: Cut): Passed;
  /** Judges the entry that creates the thing: why it does not, or how a state begins that holds nothing but it. */
  opens(creation: Entry, cut: Cut): Reason | (() => State);
  readonly rules: Partial<Rules<State, EventName>>;
  /** Entries of other subjects that this thing learns of because of one of its own: departures, retracted help. */
  hears(entry: Entry, cut: Cut): readonly Fact[];
  learn(state: State, heard: Fact): void;
  /** Law L5: whether what an entry says is not what came of it, seen from everything there is. */
  isCrossed(entry: Counted, whole: State, cut: Cut): boolean;
  /** Whether `isCrossed` can ever say so of an entry, whatever comes: those of which it cannot are not asked again. */
  mayCross(entry: Counted): boolean;
  /** What `isCrossed` says of an entry that is not in `whole` yet, whose author has seen all of it. */
  crossesAtOnce(entry: Counted, whole: State, cut: Cut): boolean;
  /** Types of entries that can change what other subjects come to. */
  readonly touchesOthers: ReadonlySet<EventName>;
  /** Whether other subjects can change what this one comes to, after its entries were taken. */
  readonly isTouchedByOthers: boolean;
}

/** Of a machine whose entries never exclude each other, and which neither hears nor tells anything of other subjects. */
export const commuting = {
  hears: () => [],
  learn: () => undefined,
  isCrossed: () => false,
  mayCross: () => false,
  crossesAtOnce: () => false,
  touchesOthers: new Set<EventName>(),
  isTouchedByOthers: false,
} as const satisfies Partial<Machine<unknown>>;
