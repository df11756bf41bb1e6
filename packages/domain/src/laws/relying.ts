/**
 * Law L6: who relied on a word is protected. Entries of a log whose author signed two histories, or of a log that has no
 * authority, are in doubt. For everybody who knows of the doubt they are set aside, as if they were not there; but one
 * that another partner built on without knowing stays, and with it all that the other could rely on
 * (docs/reference/fold.md section 9).
 */
import type { LogId, Ref } from "@handfast/protocol/ids";
import { type Fact, isBefore, isIn, type Past } from "../fact.ts";

/** What an entry is called that is set aside: of two histories or a log without authority; beyond the end of a closed log. */
export type SetAside = "quarantined" | "stranded";

/** Why an entry may not be relied on any more, by those who know. */
export type Doubt = { readonly as: SetAside; isKnownIn(past: Past): boolean };

/** The doubts about all logs of a network. */
export interface Doubts {
  /** Whether no log is in doubt: nearly always. */
  readonly isEmpty: boolean;
  of(fact: Fact): Doubt | null;
  /** From which entry on a log is in doubt because two histories of it were signed; infinity where none are known. */
  forkedFrom(log: LogId): number;
}
export const noDoubts: Doubts = {
  isEmpty: true,
  of: () => null,
  forkedFrom: () => Number.POSITIVE_INFINITY,
};

/** The past of a reader who has seen everything. */
export const whole: Past = () => Number.POSITIVE_INFINITY;

type Item = {
  readonly fact: Fact;
  readonly doubt: Doubt | null;
  /** The latest entries of the same partner that it was written on top of and that are in doubt: it falls with them. */
  readonly upon: readonly Item[];
  /** The first entries of other partners that were written on top of it. */
  readonly reliedOnBy: Fact[];
};

export const nothingAside: ReadonlySet<Ref> = new Set();

/** The entries of one thing that are in doubt, and who relied on them. */
export class InDoubt {
  /** Causes before effects. */
  readonly #items: Item[] = [];
  readonly #byRef = new Map<Ref, Item>();

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Takes a valid entry of the thing, after all entries in its past. */
  take(fact: Fact, doubts: Doubts): void {
    const aside = this.asideIn(fact.past);
    const upon: Item[] = [];
    for (const item of this.#items.toReversed()) {
      if (!isBefore(item.fact, fact) || aside.has(item.fact.ref)) continue;
      if (item.fact.by === fact.by) {
        if (!upon.some((later) => isBefore(item.fact, later.fact))) upon.push(item);
      } else if (!item.reliedOnBy.some((first) => isBefore(first, fact))) item.reliedOnBy.push(fact);
    }
    const doubt = doubts.of(fact);
    if (doubt === null && upon.length === 0) return;
    const item: Item = { fact, doubt, upon, reliedOnBy: [] };
    this.#items.push(item);
    this.#byRef.set(fact.ref, item);
  }

  /** Entries that are set aside for a reader of this past. */
  asideIn(past: Past): ReadonlySet<Ref> {
    if (this.#items.length === 0) return nothingAside;
    const aside = new Set<Ref>();
    for (const { fact, doubt, upon, reliedOnBy } of this.#items) {
      if (!isIn(fact, past)) continue;
      const isDoubted = doubt?.isKnownIn(past) === true || upon.some((one) => aside.has(one.fact.ref));
      if (isDoubted && !reliedOnBy.some((one) => isIn(one, past))) aside.add(fact.ref);
    }
    return aside.size === 0 ? nothingAside : aside;
  }

  /** Whether the thing knows the entry as one that may be set aside. */
  has(ref: Ref): boolean {
    return this.#byRef.has(ref);
  }

  /** What an entry is called that is set aside. */
  asOf(ref: Ref): SetAside {
    for (let item = this.#byRef.get(ref); item !== undefined; item = item.upon[0]) {
      if (item.doubt !== null && (item.upon.length === 0 || item.doubt.isKnownIn(whole)))
        return item.doubt.as;
    }
    return "quarantined";
  }
}

export const sameRefs = (one: ReadonlySet<Ref>, other: ReadonlySet<Ref>): boolean =>
  one === other || (one.size === other.size && one.isSubsetOf(other));
