/**
 * - `disk-full`: nothing was written; reading goes on, and writing when there is room again.
 * - `outcome-unknown`: a write failed so that nobody knows what is on disk. The process must end; the next start looks.
 * - `locked`: another process has this data folder.
 * - `unusable`: not a database of ours, or of another version, or settings that do not hold.
 * - `damaged`: bytes are not what was written. Nothing more is read from or written to this file before it is repaired.
 */
export type StorageFaultCode = "disk-full" | "outcome-unknown" | "locked" | "unusable" | "damaged";

/** A fault of the storage. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: StorageFaultCode;
  readonly retry: "never" | "later";

  constructor(code: StorageFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retry = code === "disk-full" || code === "locked" ? "later" : "never";
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const resultCodes = { busy: 5, readonly: 8, corrupt: 11, full: 13, notADatabase: 26 } as const;

/** The primary result code of an error of `node:sqlite`; null for any other. */
export function sqliteCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code % 256 : null;
}

export const isBusy = (error: unknown): boolean => sqliteCode(error) === resultCodes.busy;

/** A disk without room, or a quota, or a file system that became read-only: the same to us. */
export const isFull = (error: unknown): boolean =>
  sqliteCode(error) === resultCodes.full || sqliteCode(error) === resultCodes.readonly;

export const isNotADatabase = (error: unknown): boolean => sqliteCode(error) === resultCodes.notADatabase;

/** SQLite found pages that no database of its own has. */
export const isCorrupt = (error: unknown): boolean =>
  sqliteCode(error) === resultCodes.corrupt || isNotADatabase(error);
