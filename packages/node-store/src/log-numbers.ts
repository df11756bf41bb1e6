/** The number of each log in this database: small, so that it fits into an entry's key. */
import type { DatabaseSync } from "node:sqlite";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import { StorageError } from "@handfast/storage/fault";
import { maxLogs } from "./schema.ts";
import type { LogNames } from "./segment-rows.ts";

export type LogNumbers = LogNames & {
  of(log: LogId): number | undefined;
  add(log: LogId, by: PartnerId): number;
  /** Forgets what a rolled back transaction added. */
  reload(): void;
};

export function readLogNumbers(database: DatabaseSync): LogNumbers {
  const select = database.prepare("SELECT number, log FROM logs ORDER BY number");
  const insert = database.prepare(
    "INSERT INTO logs (number, log, by, size, note_size, note, proof) VALUES (?, ?, ?, 0, 0, NULL, x'')",
  );
  const numbers = new Map<LogId, number>();
  let names: LogId[] = [];
  const load = (): void => {
    numbers.clear();
    names = [];
    for (const { number, log } of select.all() as { number: number; log: string }[]) {
      numbers.set(log, number);
      names[number] = log;
    }
  };
  load();
  return {
    of: (log) => numbers.get(log),
    numberOf: (log) => {
      const number = numbers.get(log);
      if (number === undefined) throw new RangeError(`no log ${log} is held`);
      return number;
    },
    nameOf: (number) => {
      const name = names[number];
      if (name === undefined)
        throw new StorageError("damaged", `the node store names a log ${number} and has none`);
      return name;
    },
    add: (log, by) => {
      if (numbers.size >= maxLogs) throw new StorageError("unusable", `no more than ${maxLogs} logs fit`);
      const number = numbers.size;
      insert.run(number, log, by);
      numbers.set(log, number);
      names[number] = log;
      return number;
    },
    reload: load,
  };
}
