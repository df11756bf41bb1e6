/**
 * Text for terminals: what others wrote is shown escaped, so that no partner's title moves a cursor or turns a line around.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Control, direction and zero-width characters as `\u{...}`. */
export const escaped = (text: string): string =>
  text.replaceAll(unprintable, (unit) => `\\u{${unit.charCodeAt(0).toString(16)}}`);

/** One line of JSON with the same characters as `\uXXXX`: it parses to the same value, and is harmless in a terminal too. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    unprintable,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

export type Row = readonly (string | number | null | undefined)[];

/** The last column is cut at no less: a few words of a title say which one it is. */
const leastWidth = 16;

/** How wide a list may be: as the terminal is; without one, as wide as it comes. */
export const terminalWidth = (): number =>
  process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;

/** Columns side by side, two spaces apart; the last column is cut only at the end of `width`, the others at `maxWidth`. */
export function table(
  head: readonly string[],
  rows: readonly Row[],
  maxWidth = 44,
  width = Number.POSITIVE_INFINITY,
): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => escaped(String(cell ?? "-"))))];
  const cut = (text: string, limit: number) =>
    text.length <= limit ? text : `${text.slice(0, limit - 1).trimEnd()}…`;
  const last = head.length - 1;
  const others = cells.map((row) => row.slice(0, last).map((cell) => cut(cell, maxWidth)));
  const taken = head.slice(0, last).map((_, column) => widest(others, column) + 2);
  const left = Math.max(leastWidth, width - taken.reduce((sum, one) => sum + one, 0));
  const shown = cells.map((row, index) => [...(others[index] ?? []), cut(row[last] ?? "", left)]);
  const widths = head.map((_, column) => widest(shown, column));
  return shown
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Of any number of rows: an argument each would be too many for a call. */
const widest = (rows: readonly (readonly string[])[], column: number): number =>
  rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0);
