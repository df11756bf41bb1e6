/**
 * Text for terminals: what others wrote is shown escaped, so that no partner's title moves a cursor or turns a line around.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Control, direction and zero-width characters as `\u{...}`. */
export const escaped = (text: string): string =>
  text.replaceAll(unprintable, (unit) => `\\u{${unit.charCodeAt(0).toString(16)}}`);

export type Row = readonly (string | number | null | undefined)[];

/** Columns side by side, two spaces apart; the last column is never cut, the others at `maxWidth`. */
export function table(head: readonly string[], rows: readonly Row[], maxWidth = 44): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => escaped(String(cell ?? "-"))))];
  const cut = (text: string, isLast: boolean) =>
    isLast || text.length <= maxWidth ? text : `${text.slice(0, maxWidth - 1)}…`;
  const shown = cells.map((row) => row.map((cell, index) => cut(cell, index === head.length - 1)));
  const widths = head.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  return shown
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
