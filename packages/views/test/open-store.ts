/** A store on a real file in a folder of its own, and an invented history put into it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Charter } from "@handfast/protocol/charter";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import type { Told } from "@handfast/testkit/histories";
import { openForWriting } from "../src/open-file.ts";
import { createFileReads } from "../src/reads-on.ts";
import { openStore, type Written } from "../src/store.ts";
import { createArrivals } from "./told-entries.ts";

export type TestNetwork = {
  readonly net: NetworkId;
  readonly charter: Charter;
  readonly partners: readonly { readonly by: PartnerId; readonly log: string }[];
};

/**
 * @param options.rows Counts what statements read and write, where it is given.
 * @param options.keptEntries Entries of folds that stay in memory, where not as many as in a node.
 */
export function openTestStore(
  { net, charter, partners }: TestNetwork,
  now: () => number = () => 0,
  { rows, keptEntries }: { readonly rows?: RowCount; readonly keptEntries?: number } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), "handfast-views-"));
  const owner = { net, self: partners[0]?.by ?? "", charter };
  const database = openForWriting(dir, owner, () => undefined);
  if (rows !== undefined) countRows(database, rows);
  const store = openStore(database, owner, undefined, keptEntries);
  const { facts, cuts, sources, names } = store;
  const arrive = createArrivals(partners.map(({ log }) => log));
  return {
    dir,
    owner,
    database,
    store,
    reads: createFileReads({ database, facts, cuts, sources, names, now }),
    /** Takes facts as one page, and commits. */
    take: (page: readonly Told[], written: ReadonlyMap<string, Written> = new Map()): void => {
      const entries = page.map(arrive);
      store.take({ entries, head: entries.at(-1)?.position ?? 0 }, written);
      store.save();
    },
    [Symbol.dispose]: () => {
      database.close();
      rmSync(dir, { recursive: true });
    },
  };
}
/** Rows that statements returned, and statements that wrote. */
export type RowCount = { read: number; written: number };

function countRows(database: DatabaseSync, rows: RowCount): void {
  const prepare = database.prepare.bind(database);
  database.prepare = (sql) => {
    const statement = prepare(sql);
    const all = statement.all.bind(statement);
    const iterate = statement.iterate.bind(statement);
    const get = statement.get.bind(statement);
    const run = statement.run.bind(statement);
    return Object.assign(statement, {
      all: (...values: SQLInputValue[]) => {
        const found = all(...values);
        rows.read += found.length;
        return found;
      },
      iterate: function* (...values: SQLInputValue[]) {
        for (const row of iterate(...values)) {
          rows.read += 1;
          yield row;
        }
      },
      get: (...values: SQLInputValue[]) => {
        rows.read += 1;
        return get(...values);
      },
      run: (...values: SQLInputValue[]) => {
        rows.written += 1;
        return run(...values);
      },
    });
  };
}
export type TestStore = ReturnType<typeof openTestStore>;
