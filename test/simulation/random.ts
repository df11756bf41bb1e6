/** Numbers that depend on a seed alone (mulberry32): the whole of a simulated run follows from one of them. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number from 0 up to `end`, without it. */
  below(end: number): number;
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(among: readonly T[]): T;
  bytes(length: number): Uint8Array;
  /** Numbers of their own for one purpose: more of them drawn there change nothing elsewhere. */
  fork(): Random;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    next,
    below,
    between: (low, high) => low + Math.floor(next() * (high - low)),
    chance: (probability) => next() < probability,
    pick: (among) => {
      const picked = among[below(among.length)];
      if (picked === undefined) throw new RangeError("nothing to pick from");
      return picked;
    },
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    fork: () => createRandom(below(2 ** 32)),
  };
}
