/** Why foreign bytes or a call are refused: one code each, the same at every node. */

/** The protocol's refusals of foreign bytes, in order of checks (protocol section 6). */
export const refusalCodes = [
  "busy",
  "malformed",
  "unknown-log",
  "not-yet",
  "version",
  "not-canonical",
  "schema",
  "unknown-network",
  "gap",
  "bad-checkpoint",
  "future",
  "not-a-member",
  "not-in-audience",
  "not-held",
  "unknown",
  "stale-checkpoint",
  "unknown-op",
  "internal",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];
/** "Not now" is never remembered as refused: quota, clock, missing parent, unknown version, disk. */
export const notNow: ReadonlySet<RefusalCode> = new Set([
  "busy",
  "unknown-log",
  "not-yet",
  "version",
  "gap",
  "future",
  "internal",
]);
