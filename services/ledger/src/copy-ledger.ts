/** A ledger's database for a backup, and the mark that it is a copy. */
import { DatabaseSync } from "node:sqlite";
import { copyDatabase } from "@handfast/storage/copy";
import { lockFolder } from "@handfast/storage/lock";
import { markAsCopy } from "./copy-mark.ts";
import { asLedgerError, LedgerError } from "./fault.ts";
import { filesIn, readLogKey } from "./files.ts";

/**
 * Copies the database of a folder whose ledger may be running into another, which holds its keys already, and marks it.
 *
 * @returns How many entries it holds.
 */
export async function copyLedger(from: string, to: string): Promise<number> {
  await copyDatabase(filesIn(from).log, filesIn(to).log);
  return mark(to);
}

/**
 * Marks a folder that was put together from a copy.
 *
 * @throws {LedgerError} `locked` while a ledger runs in it.
 */
export function markLedger(dir: string): number {
  try {
    using _lock = lockFolder(dir);
    return mark(dir);
  } catch (error) {
    throw asLedgerError(error);
  }
}

function mark(dir: string): number {
  const { identity } = readLogKey(filesIn(dir).logKey);
  using database = new DatabaseSync(filesIn(dir).log, { allowExtension: false });
  const held = database.prepare("SELECT size FROM logs WHERE log = ?").get(identity.log);
  if (held === undefined)
    throw new LedgerError("unusable", `the database in ${dir} does not hold the log that its key signs`, {
      hint: "copy the folder again",
    });
  markAsCopy(database, identity.log);
  const last = database.prepare("SELECT sum(size) AS entries FROM logs").get() as { entries: number };
  return last.entries;
}
