/**
 * From one log of a partner to the next. A later log names the earlier ones it closes, each with the root of its tree at that
 * size; it is looked at when all of them are held that far with those very roots, and is "not now" until then.
 */

import { fromB64u } from "@handfast/protocol/bytes";
import type { At } from "@handfast/protocol/header";
import { type PartnerId, type Ref, refOf } from "@handfast/protocol/ids";
import { type ClosedLog, closedBy, isOpenedByLogKey, type LogOpenedX } from "@handfast/protocol/log";
import type { InForce } from "./authority.ts";
import type { HeldLog } from "./held-log.ts";
import type { Lines } from "./lines.ts";
import type { Pasts } from "./pasts.ts";

/** What a later log goes on from: the keys in force in its previous log, and the latest time in all that it closes. */
export type Succession = { readonly before: InForce; readonly at: At };

/** The state at which a log of `by` was closed; null where it is not held that far, or with another root. */
export function closedState(lines: Lines, by: PartnerId, { log, size, root }: ClosedLog): Succession | null {
  const known = lines.withRoot(log, size, fromB64u(root) as Uint8Array);
  if (known === null || known.by !== by) return null;
  return { before: known.authority.inForceAt(size), at: known.ats.at(size - 1) };
}

/** The last entries of every log that an opening closes, as this node names them: they are in its past as parents are. */
export const lastOfClosed = (opened: Pick<LogOpenedX, "previous" | "also">, lines: Lines): readonly Ref[] =>
  closedBy(opened).map(({ log, size, root }) =>
    refOf((lines.withRoot(log, size, fromB64u(root) as Uint8Array) as HeldLog).line, size - 1),
  );

/** The log that each goes on from, the one before that, and so on; itself first. */
export function chainOf(log: HeldLog, logs: ReadonlyMap<string, HeldLog>): readonly HeldLog[] {
  const chain = [log];
  for (let previous = log.authority.opened.previous; previous !== undefined; ) {
    const earlier = logs.get(previous.log);
    if (earlier === undefined || chain.includes(earlier)) break;
    chain.push(earlier);
    previous = earlier.authority.opened.previous;
  }
  return chain;
}

/** A later root speaks before an earlier one, and a root before the log keys that it named. */
function isBelow(one: HeldLog, other: HeldLog): boolean {
  const [mine, theirs] = [one, other].map(({ authority }) => authority.inForceAt(1).generation) as [
    number,
    number,
  ];
  const isByRoot = ({ authority }: HeldLog): boolean => !isOpenedByLogKey(authority.opened);
  return mine === theirs ? !isByRoot(one) && isByRoot(other) : mine < theirs;
}

const closesTheSame = (one: HeldLog, other: HeldLog): boolean => {
  const closed = closedBy(one.authority.opened).map(({ log }) => log);
  return closedBy(other.authority.opened).some(({ log }) => closed.includes(log));
};

/**
 * Whether a log has no authority beside another one of its partner, whatever becomes of it: somewhere on its way it closes a log
 * that the other one closes by a later root, or by the root where this one used a log key (docs/reference/fold.md section 9.1).
 */
export function isOutranked(one: HeldLog, other: HeldLog, logs: ReadonlyMap<string, HeldLog>): boolean {
  const theirs = chainOf(other, logs);
  return chainOf(one, logs).some(
    (mine) => !theirs.includes(mine) && theirs.some((log) => closesTheSame(mine, log) && isBelow(mine, log)),
  );
}

/** The openings by which the root closed a log and kept this entry of it, as this node names it: nothing that a log key signed beside it counts. */
export const keptByRoot = (
  line: HeldLog,
  seq: number,
  {
    logs,
    pasts,
    lines,
  }: { readonly logs: ReadonlyMap<string, HeldLog>; readonly pasts: Pasts; readonly lines: Lines },
): readonly HeldLog[] => {
  const owner = lines.lineAt(line, seq).line;
  return [...logs.values()].filter(
    ({ by, base, authority: { opened }, line: closing, held }) =>
      by === line.by &&
      base === null &&
      held > 0 &&
      !isOpenedByLogKey(opened) &&
      closedBy(opened).some(({ log }) => log === line.log) &&
      pasts.of(closing, 0)(owner) >= seq,
  );
};
