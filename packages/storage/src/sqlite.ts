/**
 * SQLite files with every setting that matters set and asserted: durable (WAL, FULL), erasable (secure_delete), and trusting
 * the file as little as SQLite allows, since a file may come from anywhere. One connection writes, another only reads.
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isCorrupt, isFull, isNotADatabase, StorageError, sqliteCode } from "./fault.ts";

/** The version Node is pinned with; an older one lacks fixes to WAL that a log depends on. */
const oldestSqlite = [3, 51, 3] as const;
const busyTimeoutMs = 5_000;

/** What a database of ours is, and how it becomes one. */
export type DatabaseForm = {
  /** Four bytes that tell our files from other programs' and from each other. */
  readonly applicationId: number;
  /** Raised with every change of the tables. */
  readonly version: number;
  /** Makes all tables in an empty file. */
  readonly schema: string;
  /** Brings a file of an older version to this one, inside a transaction. Absent: no older version is known. */
  readonly upgrade?: (database: DatabaseSync, from: number) => void;
};

export interface Database extends Disposable {
  readonly writing: DatabaseSync;
  /** A read-only connection; in memory, where there can be no second one, the same. */
  readonly reading: DatabaseSync;
  /** The version the file had when it was opened; 0 for a new one. */
  readonly foundVersion: number;
  /**
   * Runs `work` in one transaction; within an open transaction, as a part of it.
   *
   * @throws {StorageError} `disk-full` when it was rolled back for want of room, `damaged` when SQLite found pages that are
   *   not its own, `outcome-unknown` for any other error of SQLite, from then on always. What `work` throws itself rolls
   *   everything back and is passed on.
   */
  write<Answer>(work: () => Answer): Answer;
  /** Opens a transaction that `settle` (COMMIT) or `rollBack` ends. */
  begin(): void;
  settle(): void;
  rollBack(): void;
  /** Runs a read; pages that SQLite finds broken are `damaged`. */
  read<Answer>(work: () => Answer): Answer;
  /** Runs several reads on one state of the file: each alone would take and release the file's locks. */
  readTogether<Answer>(work: () => Answer): Answer;
}

/**
 * @param path A file in a folder that exists; `:memory:` for a database that lasts as long as it is open.
 * @throws {StorageError} `unusable` when the file is not one of ours, or a setting does not hold; `damaged`.
 */
export function openDatabase(
  path: string,
  form: DatabaseForm,
  options: { readonly maxPages?: number } = {},
): Database {
  assertVersion();
  const isInMemory = path === ":memory:";
  // SQLite gives the files beside the database the mode of the database itself.
  if (!isInMemory && !existsSync(path)) closeSync(openSync(path, "wx", 0o600));
  const writing = connect(path, false);
  let foundVersion: number;
  try {
    foundVersion = setUp(writing, form, isInMemory);
    if (options.maxPages !== undefined) writing.exec(`PRAGMA max_page_count = ${options.maxPages}`);
  } catch (cause) {
    writing.close();
    // What an upgrade throws is its own.
    throw cause instanceof StorageError || sqliteCode(cause) === null ? cause : openingFault(path, cause);
  }
  const reading = isInMemory ? writing : connect(path, true);
  let isInDoubt = false;

  const rollBack = (): boolean => {
    // SQLite may have rolled back by itself, as it does for a full disk.
    if (!writing.isTransaction) return true;
    try {
      writing.exec("ROLLBACK");
      return true;
    } catch {
      // The caller's own fault says what happened; that it could not be taken back is the answer.
      return false;
    }
  };
  const faultOf = (cause: unknown): unknown => {
    if (cause instanceof StorageError) return cause;
    const isBack = rollBack();
    if (isBack && isFull(cause)) return new StorageError("disk-full", "could not write: no room", cause);
    if (isBack && sqliteCode(cause) === null) return cause;
    isInDoubt = true;
    if (isCorrupt(cause)) return damagedFile(path, cause);
    return new StorageError("outcome-unknown", "could not write, and what is on disk is not known", cause);
  };
  const tried = <Answer>(work: () => Answer): Answer => {
    if (isInDoubt) throw new StorageError("outcome-unknown", "an earlier write left the disk in doubt");
    try {
      return work();
    } catch (cause) {
      throw faultOf(cause);
    }
  };

  return {
    writing,
    reading,
    foundVersion,
    write: (work) =>
      tried(() => {
        if (writing.isTransaction) return work();
        writing.exec("BEGIN IMMEDIATE");
        const answer = work();
        writing.exec("COMMIT");
        return answer;
      }),
    begin: () => tried(() => writing.exec("BEGIN IMMEDIATE")),
    settle: () => tried(() => writing.exec("COMMIT")),
    rollBack: () => {
      if (!rollBack()) isInDoubt = true;
    },
    read: (work) => {
      try {
        return work();
      } catch (cause) {
        throw isUnreadable(cause) ? damagedFile(path, cause) : cause;
      }
    },
    readTogether: (work) => {
      if (reading === writing || reading.isTransaction) return work();
      reading.exec("BEGIN");
      try {
        return work();
      } finally {
        reading.exec("ROLLBACK");
      }
    },
    [Symbol.dispose]: () => {
      if (reading !== writing) reading.close();
      if (writing.isOpen) writing.close();
    },
  };
}

/** Pages that are not SQLite's, or that the disk does not give back (SQLITE_IOERR). */
const isUnreadable = (cause: unknown): boolean => isCorrupt(cause) || sqliteCode(cause) === 10;

const damagedFile = (path: string, cause: unknown): StorageError =>
  new StorageError("damaged", `${path} is damaged: it holds pages that SQLite did not write`, cause);

function openingFault(path: string, cause: unknown): StorageError {
  if (isCorrupt(cause) && !isNotADatabase(cause)) return damagedFile(path, cause);
  return new StorageError("unusable", `could not open ${path}`, cause);
}

function connect(path: string, readOnly: boolean): DatabaseSync {
  const database = new DatabaseSync(path, {
    readOnly,
    timeout: busyTimeoutMs,
    // Tables of two stores may lie in two files: what belongs together is checked by those who write it.
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: false,
    allowExtension: false,
  });
  database.enableDefensive(true);
  database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
  return database;
}

function setUp(database: DatabaseSync, form: DatabaseForm, isInMemory: boolean): number {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
  // A transaction touches half a dozen pages; moving them out of the WAL every thousand costs single appends dearly.
  database.exec("PRAGMA wal_autocheckpoint = 4000");
  const version = Number(pragma(database, "user_version"));
  const owner = Number(pragma(database, "application_id"));
  const become = (work: () => void): void => {
    database.exec("BEGIN IMMEDIATE");
    work();
    database.exec(
      `PRAGMA user_version = ${form.version}; PRAGMA application_id = ${form.applicationId}; COMMIT`,
    );
  };
  if (version === 0 && owner === 0) become(() => database.exec(form.schema));
  else if (owner === form.applicationId && version < form.version && form.upgrade !== undefined)
    become(() => form.upgrade?.(database, version));
  const expected = {
    journal_mode: isInMemory ? "memory" : "wal",
    synchronous: 2,
    secure_delete: 1,
    trusted_schema: 0,
    cell_size_check: 1,
    user_version: form.version,
    application_id: form.applicationId,
  };
  for (const [name, value] of Object.entries(expected)) {
    const found = pragma(database, name);
    if (found !== value) throw new StorageError("unusable", `${name} is ${found} and should be ${value}`);
  }
  return version;
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
      throw new StorageError("unusable", `SQLite ${found.join(".")} is older than ${oldestSqlite.join(".")}`);
  }
}
