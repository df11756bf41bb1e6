/** The hybrid logical clock: wall time where it has gone on, else a step above everything the entry comes after. */
import { type At, compareAt } from "@handfast/protocol/header";

const lastCounter = 65_535;

/** The time of an entry that comes after all of these; overflow of the counter takes the next millisecond. */
export function nextAt(nowMs: number, after: readonly At[]): At {
  const latest = after.reduce<At>((a, b) => (compareAt(a, b) >= 0 ? a : b), [-1, lastCounter]);
  if (nowMs > latest[0]) return [nowMs, 0];
  return latest[1] < lastCounter ? [latest[0], latest[1] + 1] : [latest[0] + 1, 0];
}
