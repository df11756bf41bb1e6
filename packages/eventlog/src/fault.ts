/**
 * - `disk-full`: nothing was written; reading goes on, and writing when there is room again.
 * - `outcome-unknown`: a write failed so that nobody knows what is on disk. The process must end; the next start looks.
 * - `locked`: another process has this data folder.
 * - `unusable`: not a database of ours, or of another version, or settings that do not hold.
 */
export type EventLogFaultCode = "disk-full" | "outcome-unknown" | "locked" | "unusable";

/** A fault of the storage. */
export class EventLogError extends Error {
  override readonly name = "EventLogError";
  readonly code: EventLogFaultCode;
  readonly retry: "never" | "later";

  constructor(code: EventLogFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retry = code === "disk-full" || code === "locked" ? "later" : "never";
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const resultCodes = { busy: 5, readonly: 8, full: 13 } as const;

/** The primary result code of an error of `node:sqlite`; null for any other. */
export function sqliteCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code % 256 : null;
}

export const isBusy = (error: unknown): boolean => sqliteCode(error) === resultCodes.busy;

/** A disk without room, or a quota, or a file system that became read-only: the same to us. */
export const isFull = (error: unknown): boolean =>
  sqliteCode(error) === resultCodes.full || sqliteCode(error) === resultCodes.readonly;
