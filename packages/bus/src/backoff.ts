/** How long to wait before the next attempt to reconnect. */
import { reconnectFirstMs, reconnectLastMs, reconnectSliceMs } from "./limits.ts";

/** Read as often as one likes; it changes only between attempts. */
export interface Backoff {
  readonly waitMs: number;
  /**
   * The same for a client that sleeps the whole of what it is told, closed or not: what has passed since the last attempt and
   * one slice more, so that it wakes up and sees that it was closed; at the end the true wait.
   */
  readonly slicedWaitMs: number;
  grow(): void;
  reset(): void;
}

/** Doubles at each attempt, and as much again at random, so that many do not come back at once. */
export function createBackoff(
  random: () => number = Math.random,
  now: () => number = () => performance.now(),
): Backoff {
  let baseMs = reconnectFirstMs;
  let attemptedAt = now();
  let waitMs = baseMs;
  return {
    get waitMs() {
      return waitMs;
    },
    get slicedWaitMs() {
      const passed = now() - attemptedAt;
      return waitMs - passed > reconnectSliceMs ? passed + reconnectSliceMs : waitMs;
    },
    grow: () => {
      attemptedAt = now();
      waitMs = baseMs + random() * baseMs;
      baseMs = Math.min(2 * baseMs, reconnectLastMs);
    },
    reset: () => {
      baseMs = reconnectFirstMs;
      waitMs = baseMs;
    },
  };
}
