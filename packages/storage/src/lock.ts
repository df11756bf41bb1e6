/**
 * One process a data folder. Node has no `flock`, so an exclusive transaction is held open on a database of its own for the
 * life of the process; the kernel lets go of it however the process ends.
 */
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isBusy, StorageError } from "./fault.ts";

/** @throws {StorageError} `locked` when another process (or this one) has the folder. */
export const lockFolder = (folder: string): Disposable => lockFile(join(folder, "lock.db"), folder);

/**
 * @param path A database for this lock alone; made where it is missing, with its folder.
 * @param what It stands for this, in what is said.
 * @throws {StorageError} `locked` when another process (or this one) holds it.
 */
export function lockFile(path: string, what: string = path): Disposable {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path, { timeout: 0, allowExtension: false });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (isBusy(cause)) throw new StorageError("locked", `another process uses ${what}`, cause);
    throw new StorageError("unusable", `could not lock ${what}`, cause);
  }
  return { [Symbol.dispose]: () => database.close() };
}
