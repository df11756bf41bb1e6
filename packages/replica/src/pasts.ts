/**
 * Happens-before: what each entry knows of every log (docs/reference/fold.md section 1).
 *
 * What a log knows of another only grows, and only where an entry has parents. So for each pair of logs there is one
 * step function, "from this seq on it knows the other up to that seq", and an entry's past is read off these; nothing is
 * stored for an entry that learns nothing new.
 */
import { type LogId, type PinnedRef, type Ref, splitRef } from "@handfast/protocol/ids";
import { createSteps, type Steps } from "./steps.ts";

/** For a log, the highest seq in an entry's past; -1 where nothing of that log is. An entry's past excludes itself. */
export type Past = (log: LogId) => number;

export type Pasts = {
  /** Takes an entry whose parents and predecessor were taken before. Entries of one log come in order of seq. */
  add(entry: {
    readonly log: LogId;
    readonly seq: number;
    readonly parents: readonly (Ref | PinnedRef)[];
  }): Past;
  /** The past of an entry that was taken. Costs nothing until it is asked. */
  of(log: LogId, seq: number): Past;
  /** What an entry that was taken knows of other logs and the entry before it in its log did not: the highest seq, by log. */
  learned(log: LogId, seq: number): ReadonlyMap<LogId, number>;
};

export function createPasts(): Pasts {
  const numbers = new Map<LogId, number>();
  const names: LogId[] = [];
  /** `knows[a][b]`: what log number `a` knows of log number `b`. */
  const knows: (Steps | undefined)[][] = [];

  const numberOf = (log: LogId): number => {
    const known = numbers.get(log);
    if (known !== undefined) return known;
    numbers.set(log, knows.length);
    names.push(log);
    return knows.push([]) - 1;
  };
  const learn = (mine: number, seq: number, other: number, upTo: number): void => {
    const row = knows[mine] as (Steps | undefined)[];
    let steps = row[other];
    if (steps === undefined) {
      steps = createSteps();
      row[other] = steps;
    }
    steps.raise(seq, upTo);
  };
  const of =
    (log: LogId, seq: number): Past =>
    (other) => {
      if (other === log) return seq - 1;
      const mine = numbers.get(log);
      const theirs = numbers.get(other);
      if (mine === undefined || theirs === undefined) return -1;
      return knows[mine]?.[theirs]?.at(seq) ?? -1;
    };

  return {
    add: ({ log, seq, parents }) => {
      const mine = numberOf(log);
      for (const parent of parents) {
        const place = splitRef(parent);
        const theirs = numberOf(place.log);
        learn(mine, seq, theirs, place.seq);
        for (const [other, steps] of (knows[theirs] as (Steps | undefined)[]).entries()) {
          const upTo = steps?.at(place.seq) ?? -1;
          if (other !== mine && upTo >= 0) learn(mine, seq, other, upTo);
        }
      }
      return of(log, seq);
    },
    of,
    learned: (log, seq) => {
      const rises = new Map<LogId, number>();
      const row = knows[numbers.get(log) ?? -1] ?? [];
      for (const [other, steps] of row.entries()) {
        const rise = steps?.riseAt(seq) ?? -1;
        if (rise >= 0) rises.set(names[other] as LogId, rise);
      }
      return rises;
    },
  };
}
