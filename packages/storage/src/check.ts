/** Looks through a database that nobody writes, and changes nothing in it. */
import { DatabaseSync } from "node:sqlite";

/**
 * SQLite's quick check: reads every page once, so it takes as long as the file is large.
 *
 * @returns The first thing that is wrong with it, in SQLite's words; null where there is nothing.
 */
export function faultIn(path: string): string | null {
  try {
    using database = new DatabaseSync(path, { readOnly: true, timeout: 5_000, allowExtension: false });
    const [first] = database.prepare("PRAGMA quick_check(1)").all();
    const found = String(first?.["quick_check"]);
    return found === "ok" ? null : found.split("\n").at(-1)?.trim() || found;
  } catch (err) {
    // A file whose first page is broken cannot even be asked.
    return (err as Error).message;
  }
}
