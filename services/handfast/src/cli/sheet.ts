/** One thing laid out for people: labelled lines, long text beneath, sections indented. What others wrote is escaped. */
import { escaped } from "./table.ts";

/** Undefined and null values, and empty lists, are left out. */
export type Line = readonly [label: string, value: string | number | null | undefined];
export type Section = { readonly head: string; readonly lines: readonly string[] };

export function sheet(title: string, lines: readonly Line[], sections: readonly Section[] = []): string {
  const shown = lines.flatMap(([label, value]) =>
    value === null || value === undefined || value === "" ? [] : [[label, String(value)] as const],
  );
  const width = Math.max(0, ...shown.map(([label]) => label.length));
  return [
    escaped(title),
    ...shown.map(([label, value]) => `  ${label.padEnd(width)}  ${escaped(value)}`),
    ...sections
      .filter((section) => section.lines.length > 0)
      .flatMap((section) => ["", section.head, ...section.lines.map((line) => `  ${escaped(line)}`)]),
  ].join("\n");
}

/** Prose as a section, line by line; none where there is none. */
export const proseSection = (head: string, text: string | null): Section => ({
  head,
  lines: text === null || text === "" ? [] : text.split(/\r?\n/),
});
