/** Wall time, passed in: pauses, expiries and rates are judged by it, so tests can move it. */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export const systemClock: Clock = { now: () => Date.now() };
