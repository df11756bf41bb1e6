/** A token bucket: so much a second, so much at once. May run into debt by what is only known afterwards (a reply's size). */
import type { Clock } from "./clock.ts";

export interface TokenBucket {
  /** 0 when there is something left, else how long to wait, in milliseconds. Takes nothing. */
  waitMs(): number;
  take(tokens: number): void;
}

export function createTokenBucket(perSecond: number, burst: number, clock: Clock): TokenBucket {
  let left = burst;
  let seenAt = clock.now();
  const refill = () => {
    const now = clock.now();
    // A clock set back fills nothing, and must not empty the bucket either.
    left = Math.min(burst, left + (Math.max(0, now - seenAt) / 1_000) * perSecond);
    seenAt = now;
  };
  return {
    waitMs: () => {
      refill();
      return left >= 1 ? 0 : Math.ceil(((1 - left) / perSecond) * 1_000);
    },
    take: (tokens) => {
      refill();
      left -= tokens;
    },
  };
}
