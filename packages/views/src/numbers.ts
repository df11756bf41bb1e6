/** Small numbers for texts that come again and again: logs, partners, types of entries. */
import type { DatabaseSync } from "node:sqlite";
import { createLru } from "./lru.ts";

export interface Numbers {
  /** Undefined where the text was never stored. */
  of(text: string): number | undefined;
  text(number: number): string;
  /** Gives a new text the next number. For the writer alone. */
  intern(text: string): number;
  /** Forgets what a rolled back transaction may have added. */
  reload(): void;
}

const kept = 8_192;

export function createNumbers(
  database: DatabaseSync,
  table: "logs" | "partners" | "types",
  column: "log" | "id" | "type",
): Numbers {
  const byText = createLru<string, number>(kept);
  const byNumber = createLru<number, string>(kept);
  const find = database.prepare(`SELECT number FROM ${table} WHERE ${column} = ?`);
  const read = database.prepare(`SELECT ${column} AS text FROM ${table} WHERE number = ?`);
  const insert = database.prepare(`INSERT INTO ${table} (${column}) VALUES (?)`);
  const keep = (text: string, number: number): number => {
    byText.set(text, number);
    byNumber.set(number, text);
    return number;
  };
  const of = (text: string): number | undefined => {
    const known = byText.get(text);
    if (known !== undefined) return known;
    const row = find.get(text) as { number: number } | undefined;
    return row === undefined ? undefined : keep(text, row.number);
  };
  return {
    of,
    text: (number) => {
      const known = byNumber.get(number);
      if (known !== undefined) return known;
      const row = read.get(number) as { text: string } | undefined;
      if (row === undefined) throw new Error(`${table} has no number ${number}`);
      keep(row.text, number);
      return row.text;
    },
    intern: (text) => of(text) ?? keep(text, Number(insert.run(text).lastInsertRowid)),
    reload: () => {
      byText.clear();
      byNumber.clear();
    },
  };
}
