/** SQLite and nothing else: rows of these bytes, each group of them one transaction that a power cut leaves whole. */
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface RawSqlite extends Disposable {
  /** Durable when it returns. */
  insert(rows: number): void;
}

/** @param rowBytes Random, so that nothing gets cheaper by repetition. */
export function openRawSqlite(dir: string, rowBytes: number): RawSqlite {
  const database = new DatabaseSync(join(mkdtempSync(join(dir, "raw-")), "raw.db"));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT`);
  const insert = database.prepare("INSERT INTO rows (bytes) VALUES (?)");
  const row = randomBytes(rowBytes);
  return {
    insert: (rows) => {
      database.exec("BEGIN IMMEDIATE");
      for (let count = 0; count < rows; count++) insert.run(row);
      database.exec("COMMIT");
    },
    [Symbol.dispose]: () => database.close(),
  };
}
