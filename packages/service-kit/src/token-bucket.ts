/** A token bucket: so much a second, so much at once. May run into debt by what is only known afterwards (a reply's size). */

/** `now`: milliseconds since 1970, or of any clock that goes on. */
type Clock = { readonly now: () => number };

export interface TokenBucket {
  /** 0 when there is something left, else how long to wait, in milliseconds. Takes nothing. */
  waitMs(): number;
  take(tokens: number): void;
}

export function createTokenBucket(perSecond: number, burst: number, clock: Clock): TokenBucket {
  // In thousandths: a millisecond brings `perSecond` of them, so what is waited for as told is there to the last one.
  let left = burst * 1_000;
  let seenAt = clock.now();
  const refill = () => {
    const now = clock.now();
    // A clock set back fills nothing, and must not empty the bucket either.
    left = Math.min(burst * 1_000, left + Math.max(0, now - seenAt) * perSecond);
    seenAt = now;
  };
  return {
    waitMs: () => {
      refill();
      return left >= 1_000 ? 0 : Math.ceil((1_000 - left) / perSecond);
    },
    take: (tokens) => {
      refill();
      left -= tokens * 1_000;
    },
  };
}
