/**
 * Opening `views-<form>.db`. It holds nothing that the ledger does not, so what cannot be trusted is deleted and built again:
 * a damaged file, one of another partner, one that is ahead of the ledger.
 */
import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Charter } from "@handfast/protocol/charter";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import { schema, schemaVersion } from "./schema.ts";

const applicationId = 0x48_66_56_77;
const busyTimeoutMs = 5_000;
/** Of pages in memory, each connection. The rest is the operating system's to cache. */
const writerCacheKib = 32_768;
const readerCacheKib = 8_192;

/** Whose views they are. */
export type Owner = { readonly net: NetworkId; readonly self: PartnerId; readonly charter: Charter };

const viewsPath = (dir: string): string => join(dir, `views-${schemaVersion}.db`);

/**
 * Opens the file for writing, or makes an empty one where there is none that can be used.
 *
 * @param onDiscarded Told why a file that was there is not used.
 */
export function openForWriting(
  dir: string,
  owner: Owner,
  onDiscarded: (reason: string) => void,
): DatabaseSync {
  const path = viewsPath(dir);
  if (existsSync(path)) {
    try {
      return assertUsable(connect(path, false), owner);
    } catch (cause) {
      onDiscarded(cause instanceof Error ? cause.message : String(cause));
      discard(dir);
    }
  }
  return create(path, owner);
}

/** Deletes the file, and SQLite's own two beside it. */
export function discard(dir: string): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(`${viewsPath(dir)}${end}`, { force: true });
}

/** Deletes files of other forms, once this one is complete. */
export function discardOtherForms(dir: string): void {
  const own = `views-${schemaVersion}.db`;
  for (const name of readdirSync(dir))
    if (/^views-\d+\.db(?:-wal|-shm)?$/.test(name) && !name.startsWith(own)) rmSync(join(dir, name));
}

/** Null while there is no file, or one that is only just being made. */
export function openForReading(dir: string, { net, self }: Omit<Owner, "charter">): DatabaseSync | null {
  const path = viewsPath(dir);
  if (!existsSync(path)) return null;
  const database = connect(path, true);
  try {
    const cursor = database.prepare("SELECT net, self FROM cursor").get();
    if (cursor?.["net"] === net && cursor["self"] === self) return database;
  } catch {
    // Half made, or damaged: its writer makes another one.
  }
  database.close();
  return null;
}

/** Changes when the file was replaced by another one. */
export function fileIdentity(dir: string): string {
  const found = statSync(viewsPath(dir), { throwIfNoEntry: false });
  // A number of an inode is given again soon after its file is gone.
  return found === undefined ? "none" : `${found.dev}.${found.ino}.${found.birthtimeMs}`;
}

function connect(path: string, readOnly: boolean): DatabaseSync {
  const database = new DatabaseSync(path, {
    readOnly,
    timeout: busyTimeoutMs,
    enableDoubleQuotedStringLiterals: false,
    allowExtension: false,
  });
  database.enableDefensive(true);
  database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY");
  database.exec(`PRAGMA cache_size = -${readOnly ? readerCacheKib : writerCacheKib}`);
  if (!readOnly) {
    // NORMAL syncs when pages move out of the WAL: a power cut may cost the last transactions, never the file.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = FAST");
    database.exec("PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864");
  }
  return database;
}

function create(path: string, { net, self, charter }: Owner): DatabaseSync {
  // SQLite gives the files beside the database the mode of the database itself.
  closeSync(openSync(path, "wx", 0o600));
  const database = connect(path, false);
  database.exec(
    `BEGIN IMMEDIATE; ${schema} PRAGMA user_version = ${schemaVersion}; PRAGMA application_id = ${applicationId}`,
  );
  database
    .prepare(
      "INSERT INTO cursor (only, net, self, position, entries, quarantined, head, complete) VALUES (1, ?, ?, 0, 0, 0, 0, 0)",
    )
    .run(net, self);
  const addPartner = database.prepare("INSERT INTO partners (id) VALUES (?)");
  const addMember = database.prepare("INSERT INTO members (partner) VALUES (?)");
  for (const founder of charter.founders) addMember.run(addPartner.run(founder).lastInsertRowid);
  database.exec("COMMIT");
  return database;
}

function assertUsable(database: DatabaseSync, { net, self }: Owner): DatabaseSync {
  try {
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    if (pragma("user_version") !== schemaVersion || pragma("application_id") !== applicationId)
      throw new Error("it is not a file of this release");
    const cursor = database.prepare("SELECT net, self FROM cursor").get();
    if (cursor?.["net"] !== net || cursor["self"] !== self)
      throw new Error("it belongs to another partner or network");
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}
