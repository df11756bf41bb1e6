/** How long to wait before the next attempt to reconnect. */
import { reconnectFirstMs, reconnectLastMs } from "./limits.ts";

/** Read as often as one likes; it changes only between attempts. */
export interface Backoff {
  readonly waitMs: number;
  grow(): void;
  reset(): void;
}

/** Doubles at each attempt, and as much again at random, so that many do not come back at once. */
export function createBackoff(random: () => number = Math.random): Backoff {
  let baseMs = reconnectFirstMs;
  let waitMs = baseMs;
  return {
    get waitMs() {
      return waitMs;
    },
    grow: () => {
      waitMs = baseMs + random() * baseMs;
      baseMs = Math.min(2 * baseMs, reconnectLastMs);
    },
    reset: () => {
      baseMs = reconnectFirstMs;
      waitMs = baseMs;
    },
  };
}
