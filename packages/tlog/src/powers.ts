/**
 * Powers of two in tree sizes, by arithmetic: sizes go up to 2^53 - 1, where the bit operators of
 * JavaScript, which cut to 32 bits, would give wrong trees without a word.
 */

/** Whether `value` can be the size of a log: an integer from 0 to 2^53 - 1. */
export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Whether `size` is 1, 2, 4, 8 and so on: the sizes of complete trees. */
export function isPowerOfTwo(size: number): boolean {
  return size > 0 && largestPowerBelow(size) * 2 === size;
}

/** The largest power of two strictly below `size`, or one half for size 1. RFC 6962 splits a tree there. */
export function largestPowerBelow(size: number): number {
  let power = 0.5;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The ones in the binary form of `size`: as many peaks as a compact range of that size has. */
export function countOnes(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
