/** How far a long audit is, and about how long the rest takes. */

const mb = 1_000_000;
/** An estimate from less than this jumps about more than it tells. */
const firstEstimateMs = 1_000;
const redrawMs = 100;

/** What is counted: bytes read, or things folded. */
export type Step = "reading" | "folding";

/** Told that `done` of `of` bytes or things are through. */
export type OnProgress = (step: Step, done: number, of: number) => void;

export type ProgressLine = { readonly onProgress: OnProgress; clear(): void };

/** A line that is drawn over and over with `write`, as `reading: 120 of 702 MB, about 4 s left`. */
export function createProgressLine(
  write: (text: string) => void,
  now = () => performance.now(),
): ProgressLine {
  let step: Step | undefined;
  let startedAt = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  return {
    onProgress(next, done, of) {
      const at = now();
      if (next !== step) [step, startedAt, drawnAt] = [next, at, Number.NEGATIVE_INFINITY];
      if (at - drawnAt < redrawMs && done < of) return;
      drawnAt = at;
      isDrawn = true;
      write(`\r\u001b[K${describeProgress(step, done, of, at - startedAt)}`);
    },
    clear() {
      if (isDrawn) write("\r\u001b[K");
      isDrawn = false;
    },
  };
}

/** `folding: 12 of 31 things, about 40 s left`, after `tookMs`. */
export function describeProgress(step: Step, done: number, of: number, tookMs: number): string {
  const amount =
    step === "reading" ? `${Math.floor(done / mb)} of ${Math.ceil(of / mb)} MB` : `${done} of ${of} things`;
  if (tookMs < firstEstimateMs || done <= 0 || done >= of) return `${step}: ${amount}`;
  return `${step}: ${amount}, about ${duration(((of - done) * tookMs) / done)} left`;
}

/** A duration as a person would say it, rounded up: `40 s`, `3 min`, `2 h`. */
function duration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
