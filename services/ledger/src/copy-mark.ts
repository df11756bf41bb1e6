/**
 * The mark of a backup, inside the copied database: where it is, our log of that time is never gone on with, wherever the file is
 * opened. It names the log, so that it says nothing about the next one.
 */
import type { DatabaseSync } from "node:sqlite";
import type { LogId } from "@handfast/protocol/ids";

const table = "copy_mark";

export function copyMark(database: DatabaseSync): LogId | null {
  const isThere = database.prepare("SELECT count(*) AS count FROM sqlite_schema WHERE name = ?").get(table);
  if ((isThere as { count: number }).count === 0) return null;
  const row = database.prepare(`SELECT log FROM ${table} ORDER BY rowid DESC LIMIT 1`).get();
  return (row as { log: LogId } | undefined)?.log ?? null;
}

/** Marks a database as a copy made while `log` was our own. */
export function markAsCopy(database: DatabaseSync, log: LogId): void {
  database.exec(`CREATE TABLE IF NOT EXISTS ${table} (log TEXT NOT NULL) STRICT`);
  database.prepare(`INSERT INTO ${table} (log) VALUES (?)`).run(log);
}
