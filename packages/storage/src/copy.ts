/** Copies a database that may be in use, as of one moment, with SQLite's own backup. */
import { chmodSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";

/** So many pages at once that a copy is one step: in more, every write in between would begin it anew. */
const pagesAtOnce = 0x7fff_ffff;

/** @param to A file that does not exist; for its owner only. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  using source = new DatabaseSync(from, { readOnly: true, timeout: 5_000, allowExtension: false });
  await backup(source, to, { rate: pagesAtOnce });
  chmodSync(to, 0o600);
}
