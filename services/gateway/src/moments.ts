/** `asOf` and `timeline` of a read: the moment meant, or now. */

import { Day } from "@handfast/protocol/ids";
import type { Moment } from "@handfast/views/reads";

export type AskedMoment = { readonly asOf?: string | undefined; readonly timeline: "recorded" | "occurred" };

/** A bare day means its last millisecond, UTC. Null: now. */
export function momentOf({ asOf, timeline }: AskedMoment): Moment | null {
  if (asOf === undefined) return null;
  const ms = Day.safeParse(asOf).success ? Date.parse(`${asOf}T23:59:59.999Z`) : Date.parse(asOf);
  return { atMs: ms, timeline };
}
