/** The number of each log in this database: small, so that it fits into an entry's key. */
import type { DatabaseSync } from "node:sqlite";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import { EventLogError } from "./fault.ts";
import { maxLogs } from "./sqlite-schema.ts";

export type LogNumbers = {
  of(log: LogId): number | undefined;
  nameOf(number: number): LogId;
  /** The number a new log gets. */
  readonly next: number;
  add(log: LogId, by: PartnerId, number: number): void;
  /** Forgets what a rolled back transaction added. */
  reload(): void;
};

export function readLogNumbers(database: DatabaseSync): LogNumbers {
  const all = database.prepare("SELECT number, log FROM logs ORDER BY number");
  const numbers = new Map<LogId, number>();
  const names = new Map<number, LogId>();
  const load = (): void => {
    numbers.clear();
    names.clear();
    for (const { number, log } of all.all() as { number: number; log: string }[]) {
      numbers.set(log, number);
      names.set(number, log);
    }
  };
  load();
  return {
    of: (log) => numbers.get(log),
    nameOf: (number) => names.get(number) ?? "",
    get next() {
      if (numbers.size >= maxLogs) throw new EventLogError("unusable", `no more than ${maxLogs} logs fit`);
      return numbers.size;
    },
    add: (log, _by, number) => {
      numbers.set(log, number);
      names.set(number, log);
    },
    reload: load,
  };
}
