/** A fault of the ledger as the process that runs it sees it: `code` tells it apart, `exitCode` is what the process should end with. */

import { type ExitCode, exitCodes } from "@handfast/api/exit-codes";
import { isNotADatabase, StorageError } from "@handfast/storage/fault";

/**
 * - `locked`: another process uses the folder.
 * - `exists`, `not-there`: there is a log already, or there is none.
 * - `unusable`: files that are not what they should be.
 * - `state-folder`: where this host keeps how far the log was signed cannot be written to.
 * - `fatal`: the ledger cannot be sure what it signed. It stops, and what is said must be done before it starts again.
 */
export type LedgerFaultCode = "locked" | "exists" | "not-there" | "unusable" | "state-folder" | "fatal";

const exits: Readonly<Record<LedgerFaultCode, ExitCode>> = {
  locked: exitCodes.locked,
  exists: exitCodes.usage,
  "not-there": exitCodes.usage,
  unusable: exitCodes.fault,
  "state-folder": exitCodes.usage,
  fatal: exitCodes.fatal,
};

export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerFaultCode;
  readonly exitCode: ExitCode;
  /** What to do about it, for a person. */
  readonly hint: string | undefined;

  constructor(
    code: LedgerFaultCode,
    message: string,
    detail: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.exitCode = exits[code];
    this.hint = detail.hint;
  }
}

/** What is stored is not what was written. */
export const damaged = (what: string, cause?: unknown): LedgerError =>
  new LedgerError("fatal", what, {
    ...(cause === undefined ? {} : { cause }),
    hint: "the disk or log.db is damaged: put back an undamaged copy that is not older, or make a new node and join again",
  });

/** A fault of the storage in the ledger's words; anything else as it is. */
export function asLedgerError(error: unknown): unknown {
  if (!(error instanceof StorageError)) return error;
  const { code, message } = error;
  if (code === "locked")
    return new LedgerError("locked", message, { cause: error, hint: "stop the other process first" });
  if (code === "damaged") return damaged(message, error);
  if (code === "outcome-unknown") return new LedgerError("fatal", message, { cause: error });
  // In a folder that holds a ledger's keys, a log.db that is not a database was one.
  if (code === "unusable" && isNotADatabase(error.cause))
    return damaged(`${message}: it is no longer a database`, error);
  return new LedgerError("unusable", message, { cause: error });
}

/** Whether going on would be wrong. */
export const isFatal = (error: unknown): boolean => {
  const known = asLedgerError(error);
  return known instanceof LedgerError && known.code === "fatal";
};
