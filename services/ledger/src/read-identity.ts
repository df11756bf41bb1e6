/** Who writes in a folder, for those who run the ledger; without opening the log. */
import { filesIn, type LedgerIdentity, readLogKey } from "./files.ts";

/** @throws {LedgerError} `not-there`, or `unusable` for a key file that is none. */
export const readIdentity = (dir: string): LedgerIdentity => readLogKey(filesIn(dir).logKey).identity;
