/**
 * Where a node's logs and everything about them are kept: one database, `log.db`, in which the log store and the node store
 * write with one commit and one sync (docs/decisions/0011). Nothing else in the ledger depends on them sharing it.
 */
import type { LogStore } from "@handfast/logstore/log-store";
import { createSqliteLogStore } from "@handfast/logstore-sqlite/log-store";
import { logStoreSchema } from "@handfast/logstore-sqlite/schema";
import type { NodeStore } from "@handfast/node-store/node-store";
import { nodeStoreSchema } from "@handfast/node-store/schema";
import { createSqliteNodeStore } from "@handfast/node-store/sqlite";
import type { LogId } from "@handfast/protocol/ids";
import { type Database, type DatabaseForm, openDatabase } from "@handfast/storage/sqlite";
import { copyMark } from "./copy-mark.ts";
import { type TakenOver, type TakeOver, takeOver } from "./take-over.ts";

export type Stores = AsyncDisposable & {
  readonly logs: LogStore;
  readonly node: NodeStore;
  /** The log that was our own when this database was copied for a backup; null where it was not copied. */
  readonly copyOf?: LogId | null;
};

const applicationId = 0x48_66_4c_67;
/** 1 was release 0.1.0. */
const version = 2;

export type StoresOptions = {
  /** Upper bound of the database in pages of 4 KiB. Default: none but the disk. */
  readonly maxPages?: number;
  /** What a folder of an older release is of; without it such a folder is refused. */
  readonly network?: TakenOver;
  /** Told while a folder of an older release is taken over. */
  readonly onTakeOver?: TakeOver;
};

/** What `log.db` is: the tables of both stores. */
export const storesForm = ({
  network,
  onTakeOver = () => {},
}: Pick<StoresOptions, "network" | "onTakeOver"> = {}): DatabaseForm => ({
  applicationId,
  version,
  schema: `${logStoreSchema}${nodeStoreSchema}`,
  ...(network === undefined ? {} : { upgrade: takeOver(network, onTakeOver) }),
});

/** Both stores in a database of that form, which they close. */
export const openStoresOn = (database: Database): Stores =>
  database.read(() => {
    const logs = createSqliteLogStore(database, "commit");
    const node = createSqliteNodeStore(database, { isSharedWithLogs: true });
    const copyOf = copyMark(database.reading);
    return { logs, node, copyOf, [Symbol.asyncDispose]: async () => node[Symbol.dispose]() };
  });

/**
 * Opens the stores, or makes them where there are none. The caller holds the folder's lock.
 *
 * @throws {StorageError} `unusable`, `damaged`.
 */
export function openStores(path: string, { maxPages, ...about }: StoresOptions = {}): Stores {
  const database = openDatabase(path, storesForm(about), maxPages === undefined ? {} : { maxPages });
  try {
    return openStoresOn(database);
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
}
