/**
 * A fact: one verified entry as the fold sees it. Facts of one log are ordered; facts of two logs only as far as one
 * names the other, directly or through others. That order (the past), never the clock, decides what crossed.
 */
import type { Event, EventName, EventOf } from "@handfast/protocol/events";
import type { At } from "@handfast/protocol/header";
import type { Hash, LineId, LogId, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { ProvenFork } from "@handfast/protocol/log";

/** For a line, the highest seq in an entry's past; -1 where nothing of that line is. */
export type Past = (line: LineId) => number;

/** The past of a reader who has seen everything in a cut. */
export const wholePast: Past = () => Number.MAX_SAFE_INTEGER;

export type Fact = {
  readonly ref: Ref;
  readonly hash: Hash;
  readonly by: PartnerId;
  /** The line it stands on, as this node names it; `ref` and all refs in `told` are made of such names. */
  readonly log: LineId;
  /** The log that its author wrote, where the line is a branch of it. */
  readonly branchOf?: LogId;
  readonly seq: number;
  readonly at: At;
  /** The subject this fact folds with: the network's id, or the ref of the entry that created the thing. */
  readonly subject: string;
  /** The header's own `subject`. */
  readonly names: Ref | null;
  /** What it tells; where its type is unknown or its `x` does not fit, why it will have no effect. */
  readonly told:
    | { readonly ok: true; readonly event: Event }
    | { readonly ok: false; readonly reason: "opaque" | "malformed" };
  readonly past: Past;
  /** Of a `fork.proven` whose proof was verified: which log signed two histories, and from which entry on it is in doubt. */
  readonly proves?: ProvenFork;
};

/** A fact, and what it tells. */
export type Entry<Name extends EventName = EventName> = {
  readonly fact: Fact;
  readonly event: EventOf<Name>;
};

/** The log that its author wrote, whatever its histories are called here. */
export const logOf = ({ branchOf, log }: Pick<Fact, "branchOf" | "log">): LogId => branchOf ?? log;

/** From where on a log is in doubt, as far as one entry shows: it stands on a second history of it, or proves that there is one. */
export const doubtRaisedBy = ({ branchOf, seq, proves }: Fact): ProvenFork | null =>
  branchOf === undefined ? (proves ?? null) : { log: branchOf, from: seq };

/** How entries name these very bytes: `log.seq@hash`. */
export const pinnedRefOf = ({ ref, hash }: Pick<Fact, "ref" | "hash">): PinnedRef => `${ref}@${hash}`;

/** Whether a reader of this past has seen the fact. */
export const isIn = ({ log, seq }: Pick<Fact, "log" | "seq">, past: Past): boolean => past(log) >= seq;

/** Whether `a` is in the past of `b`. An entry is not in its own past. */
export const isBefore = (a: Fact, b: Fact): boolean => a.ref !== b.ref && b.past(a.log) >= a.seq;

/** Neither knew of the other: whatever they exclude of each other is crossed (law L5). */
export const isConcurrent = (a: Fact, b: Fact): boolean =>
  a.ref !== b.ref && !isBefore(a, b) && !isBefore(b, a);

/** Fold order: a linear extension of causality. Between partners it decides nothing. */
export const compareFacts = (a: Fact, b: Fact): number =>
  a.at[0] - b.at[0] ||
  a.at[1] - b.at[1] ||
  compareText(a.by, b.by) ||
  compareText(logOf(a), logOf(b)) ||
  a.seq - b.seq ||
  compareText(a.hash, b.hash);

/** By UTF-16 code units, as everywhere in the protocol. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Keeps a list in fold order; what is added is nearly always the newest. */
export function insertInOrder<Item>(sorted: Item[], item: Item, factOf: (item: Item) => Fact): void {
  const fact = factOf(item);
  let index = sorted.length;
  while (index > 0 && compareFacts(factOf(sorted[index - 1] as Item), fact) > 0) index--;
  if (index === sorted.length) sorted.push(item);
  else sorted.splice(index, 0, item);
}
