/** What has happened already, where a day stands for its first moment in UTC. */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The day begins first in UTC+14. */
const firstToBeginMs = 14 * hourMs;

/**
 * Whether a moment has come; a day, as its first moment in UTC says, has come once it has begun anywhere.
 *
 * @param ms Milliseconds since 1970, as `nowMs`.
 */
export const hasCome = (ms: number, nowMs: number): boolean =>
  ms <= nowMs || (ms % dayMs === 0 && ms <= nowMs + firstToBeginMs);
