/** The last resort of a process that does not stop: it ends after a time of its own, not of the clock on the wall. */

const stepMs = 500;

/**
 * Ends the process with this code after so many milliseconds in which it could run. Time in which it was suspended, or its thread
 * held up, counts as one step: an orderly stop is not cut short because the machine slept.
 */
export function endAfter(graceMs: number, code: number): void {
  let left = Math.ceil(graceMs / stepMs);
  setInterval(() => {
    left -= 1;
    if (left <= 0) process.exit(code);
  }, stepMs).unref();
}
