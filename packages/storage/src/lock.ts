/**
 * One process a data folder. Node has no `flock`, so an exclusive transaction is held open on a database of its own for the
 * life of the process; the kernel lets go of it however the process ends.
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isBusy, StorageError } from "./fault.ts";

/** @throws {StorageError} `locked` when another process (or this one) has the folder. */
export function lockFolder(folder: string): Disposable {
  const path = join(folder, "lock.db");
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path, { timeout: 0, allowExtension: false });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (isBusy(cause)) throw new StorageError("locked", `another process uses ${folder}`, cause);
    throw new StorageError("unusable", `could not lock ${folder}`, cause);
  }
  return { [Symbol.dispose]: () => database.close() };
}
