/**
 * From one log of a partner to the next. A later log names the earlier ones it closes, each with the root of its tree at that
 * size; it is looked at when all of them are held that far with those very roots, and is "not now" until then.
 */

import { fromB64u } from "@handfast/protocol/bytes";
import type { At } from "@handfast/protocol/header";
import { type PartnerId, type Ref, refOf } from "@handfast/protocol/ids";
import { type ClosedLog, closedBy, type LogOpenedX } from "@handfast/protocol/log";
import type { InForce } from "./authority.ts";
import type { Lines } from "./lines.ts";

/** What a later log goes on from: the keys in force in its previous log, and the latest time in all that it closes. */
export type Succession = { readonly before: InForce; readonly at: At };

/** The state at which a log of `by` was closed; null where it is not held that far, or with another root. */
export function closedState(lines: Lines, by: PartnerId, { log, size, root }: ClosedLog): Succession | null {
  const expected = fromB64u(root);
  const known = expected === null ? null : lines.withRoot(log, size, expected);
  if (known === null || known.by !== by) return null;
  return { before: known.authority.inForceAt(size), at: known.ats.at(size - 1) };
}

/** The last entries of every log that an opening closes, as this node names them: they are in its past as parents are. */
export const lastOfClosed = (opened: Pick<LogOpenedX, "previous" | "also">, lines: Lines): readonly Ref[] =>
  closedBy(opened).map(({ log, size, root }) =>
    refOf(lines.withRoot(log, size, fromB64u(root) ?? new Uint8Array())?.line ?? log, size - 1),
  );
