/**
 * The pasts of entries, stored once each: most entries learn nothing of other logs and share the past of the one before
 * them. Others store what they learned; every sixteenth in a row stores all, so that a past is read in a few look-ups.
 */
import type { DatabaseSync } from "node:sqlite";
import type { LogId } from "@handfast/protocol/ids";
import { createLru } from "./lru.ts";
import type { Numbers } from "./numbers.ts";

/** For other logs than the entry's own, the highest seq in its past. */
type KnownLogs = ReadonlyMap<LogId, number>;

export interface StoredPasts {
  of(id: number): KnownLogs;
  /**
   * Stores the past of the next entry of a log, and returns its id.
   *
   * @param learned What it knows and the entry before it in its log did not.
   */
  add(log: number, learned: { readonly [log: LogId]: number }): number;
  /** Writes what is kept back until the end of a page. */
  flush(): void;
  reload(): void;
}

const longestChain = 16;
/** So few pairs take less room than a chain's detour is worth. */
const shortPairs = 4;
/** Pairs of all pasts that stay in memory: about 50 bytes each. */
const keptPairs = 100_000;

export function createPasts(database: DatabaseSync, logs: Numbers): StoredPasts {
  const kept = createLru<number, KnownLogs>(keptPairs, (known) => known.size + 4);
  const newest = createLru<number, number>(8_192);
  /** Logs whose newest past is newer than the file says. */
  const moved = new Map<number, number>();
  const read = database.prepare("SELECT base, learned FROM pasts WHERE id = ?");
  const depthOf = database.prepare("SELECT depth FROM pasts WHERE id = ?");
  const insert = database.prepare("INSERT INTO pasts (base, depth, learned) VALUES (?, ?, ?)");
  const readNewest = database.prepare("SELECT past FROM newest_pasts WHERE log = ?");
  const setNewest = database.prepare(
    "INSERT INTO newest_pasts (log, past) VALUES (?, ?) ON CONFLICT (log) DO UPDATE SET past = excluded.past",
  );

  const of = (id: number): KnownLogs => {
    const known = kept.get(id);
    if (known !== undefined) return known;
    const row = read.get(id) as { base: number | null; learned: string } | undefined;
    if (row === undefined) throw new Error(`no past ${id} is stored`);
    const map = new Map(row.base === null ? undefined : of(row.base));
    const pairs = JSON.parse(row.learned) as number[];
    for (let index = 0; index < pairs.length; index += 2)
      map.set(logs.text(pairs[index] as number), pairs[index + 1] as number);
    kept.set(id, map);
    return map;
  };
  const newestOf = (log: number): number | undefined => {
    const known = newest.get(log) ?? moved.get(log);
    if (known !== undefined) return known;
    return (readNewest.get(log) as { past: number } | undefined)?.past;
  };
  const encoded = (known: Iterable<readonly [LogId, number]>): string => {
    const pairs: number[] = [];
    for (const [log, seq] of known) pairs.push(logs.intern(log), seq);
    return JSON.stringify(pairs);
  };

  return {
    of,
    add: (log, learned) => {
      const before = newestOf(log);
      const news = Object.entries(learned);
      if (before !== undefined && news.length === 0) return before;
      const known = new Map(before === undefined ? undefined : of(before));
      for (const [other, seq] of news) known.set(other, seq);
      const depth = before === undefined ? 0 : (depthOf.get(before) as { depth: number }).depth + 1;
      const isWhole = before === undefined || depth === longestChain || known.size <= shortPairs;
      const { lastInsertRowid } = isWhole
        ? insert.run(null, 0, encoded(known))
        : insert.run(before, depth, encoded(news));
      const id = Number(lastInsertRowid);
      kept.set(id, known);
      newest.set(log, id);
      moved.set(log, id);
      return id;
    },
    flush: () => {
      for (const [log, id] of moved) setNewest.run(log, id);
      moved.clear();
    },
    reload: () => {
      kept.clear();
      newest.clear();
      moved.clear();
    },
  };
}
