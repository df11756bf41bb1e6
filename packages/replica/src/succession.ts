/**
 * From one log of a partner to the next. A later log names the earlier ones it closes, each with the root of its tree at that
 * size; it is looked at when all of them are held that far with those very roots, and is "not now" until then.
 */

import { fromB64u } from "@handfast/protocol/bytes";
import type { At } from "@handfast/protocol/header";
import { type LogId, type PartnerId, type Ref, refOf } from "@handfast/protocol/ids";
import { type ClosedLog, closedBy, type LogOpenedX } from "@handfast/protocol/log";
import { sameHash } from "@handfast/tlog/tree";
import type { InForce } from "./authority.ts";
import type { HeldLog } from "./held-log.ts";

/** What a later log goes on from: the keys in force in its previous log, and the latest time in all that it closes. */
export type Succession = { readonly before: InForce; readonly at: At };

/** The state at which a log of `by` was closed; null where it is not held that far, or with another root. */
export function closedState(
  logs: ReadonlyMap<LogId, HeldLog>,
  by: PartnerId,
  { log, size, root }: ClosedLog,
): Succession | null {
  const known = logs.get(log);
  const expected = fromB64u(root);
  if (known === undefined || expected === null || known.by !== by || known.held < size) return null;
  if (!sameHash(known.tree.root(size), expected)) return null;
  return { before: known.authority.inForceAt(size), at: known.ats.at(size - 1) };
}

/** The last entries of every log that an opening closes: they are in its past as parents are. */
export const lastOfClosed = (opened: Pick<LogOpenedX, "previous" | "also">): readonly Ref[] =>
  closedBy(opened).map(({ log, size }) => refOf(log, size - 1));
