/**
 * Connections with every setting that matters set and asserted: durable (WAL, FULL), erasable (secure_delete), and as little
 * trusting of the file as SQLite allows, since a file may come from anywhere.
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { EventLogError } from "./fault.ts";
import { schema, schemaVersion } from "./sqlite-schema.ts";

/** The version Node is pinned with; an older one lacks fixes to WAL that a log depends on. */
const oldestSqlite = [3, 51, 3] as const;
const applicationId = 0x48_66_4c_67;
const busyTimeoutMs = 5_000;

export type Connections = {
  readonly writing: DatabaseSync;
  /** A read-only one; in memory, where there can be no second, the same. */
  readonly reading: DatabaseSync;
  close(): void;
};

/** @throws {EventLogError} `unusable` when the file is not one of ours, or a setting does not hold. */
export function openConnections(path: string): Connections {
  assertVersion();
  const isInMemory = path === ":memory:";
  // SQLite gives the files beside the database the mode of the database itself.
  if (!isInMemory && !existsSync(path)) closeSync(openSync(path, "wx", 0o600));
  const writing = open(path, false);
  try {
    setUp(writing, isInMemory);
  } catch (cause) {
    writing.close();
    throw cause instanceof EventLogError
      ? cause
      : new EventLogError("unusable", `could not open ${path}`, cause);
  }
  const reading = isInMemory ? writing : open(path, true);
  return {
    writing,
    reading,
    close: () => {
      if (reading !== writing) reading.close();
      writing.close();
    },
  };
}

function open(path: string, readOnly: boolean): DatabaseSync {
  const database = new DatabaseSync(path, {
    readOnly,
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    allowExtension: false,
  });
  database.enableDefensive(true);
  database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
  return database;
}

function setUp(database: DatabaseSync, isInMemory: boolean): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
  // A transaction touches half a dozen pages; moving them out of the WAL every thousand costs single appends dearly.
  database.exec("PRAGMA wal_autocheckpoint = 4000");
  const isNew = pragma(database, "user_version") === 0 && pragma(database, "application_id") === 0;
  if (isNew) {
    database.exec(
      `BEGIN IMMEDIATE; ${schema} PRAGMA user_version = ${schemaVersion}; PRAGMA application_id = ${applicationId}; COMMIT`,
    );
  }
  const expected = {
    journal_mode: isInMemory ? "memory" : "wal",
    synchronous: 2,
    secure_delete: 1,
    trusted_schema: 0,
    cell_size_check: 1,
    foreign_keys: 1,
    user_version: schemaVersion,
    application_id: applicationId,
  };
  for (const [name, value] of Object.entries(expected)) {
    const found = pragma(database, name);
    if (found !== value) throw new EventLogError("unusable", `${name} is ${found} and should be ${value}`);
  }
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function assertVersion(): void {
  const found = (process.versions["sqlite"] ?? "0").split(".").map(Number);
  for (const [place, oldest] of oldestSqlite.entries()) {
    const part = found[place] ?? 0;
    if (part > oldest) return;
    if (part < oldest)
      throw new EventLogError(
        "unusable",
        `SQLite ${found.join(".")} is older than ${oldestSqlite.join(".")}`,
      );
  }
}
