/**
 * Progress that has an end: how far a long piece of work is, and about how long the rest takes. One wording for imports,
 * exports, rebuilds and the demo.
 */

export type Progress = {
  /** `12 of 31 acts, about 40 s left`; without an estimate until there is something to estimate from. */
  readonly text: string;
  /** Milliseconds that the rest takes at the pace of the last half minute; null while that is unknown. */
  readonly leftMs: number | null;
};

/** An estimate from less than this jumps about more than it tells. */
const firstEstimateMs = 1_000;
/** A pace of long ago says little: a restarted import first passes quickly over what it had done. */
const windowMs = 30_000;
/** Samples kept, at most one for each `windowMs / samples`. */
const samples = 60;

/**
 * @param units What is counted: `["entry", "entries"]`, or the singular where the plural only adds an s.
 * @param now A clock in milliseconds that never goes back.
 * @returns Tells how far the work is. `done` may start above 0 and never falls; `of` may change.
 */
export function createProgress(
  units: string | readonly [one: string, many: string],
  now: () => number = () => performance.now(),
): (done: number, of: number) => Progress {
  const seen: { readonly done: number; readonly at: number }[] = [];
  return (done, of) => {
    const at = now();
    const newest = seen.at(-1);
    if (newest === undefined || at - newest.at >= windowMs / samples) seen.push({ done, at });
    // One sample from before the window is kept, so that a pace slower than the window is measured too.
    while (seen.length > 2 && at - (seen[1]?.at ?? at) >= windowMs) seen.shift();
    const oldest = seen[0] ?? { done, at };
    const took = at - oldest.at;
    const gained = done - oldest.done;
    const leftMs = took < firstEstimateMs || gained <= 0 ? null : ((of - done) * took) / gained;
    const left = leftMs === null || done >= of ? "" : `, about ${duration(leftMs)} left`;
    return { text: `${done} of ${counted(of, units)}${left}`, leftMs };
  };
}

/** `1 commitment`, `2 commitments`, `2 entries`. */
export function counted(count: number, units: string | readonly [one: string, many: string]): string {
  const [one, many] = typeof units === "string" ? [units, `${units}s`] : units;
  return `${count} ${count === 1 ? one : many}`;
}

/** A duration as a person would say it: `40 s`, `3 min`, `2 h`. Rounded up, so that it never says 0. */
export function duration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
