/** The number of each line of a log in this database: small, so that it fits into an entry's key. */
import type { DatabaseSync } from "node:sqlite";
import type { LineId, LogId, PartnerId } from "@handfast/protocol/ids";
import { StorageError } from "@handfast/storage/fault";
import { maxLogs } from "./schema.ts";
import type { LogNames } from "./segment-rows.ts";

export type LogNumbers = LogNames & {
  of(line: LineId): number | undefined;
  /** @param size How many entries it shares with another line. */
  add(line: LineId, by: PartnerId, size: number): number;
  /** Forgets what a rolled back transaction added. */
  reload(): void;
};

export function readLogNumbers(database: DatabaseSync): LogNumbers {
  const select = database.prepare("SELECT number, log FROM logs ORDER BY number");
  const insert = database.prepare(
    "INSERT INTO logs (number, log, by, size, note_size, note, proof) VALUES (?1, ?2, ?3, ?4, ?4, NULL, x'')",
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
    add: (log, by, size) => {
      if (numbers.size >= maxLogs) throw new StorageError("unusable", `no more than ${maxLogs} logs fit`);
      const number = numbers.size;
      insert.run(number, log, by, size);
      numbers.set(log, number);
      names[number] = log;
      return number;
    },
    reload: load,
  };
}
