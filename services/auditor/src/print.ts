/** What people read. Everything that came out of a bundle is escaped here, once, on its way into a line. */
import { escapeText } from "./escape.ts";
import type { Row, VerdictRow } from "./replay.ts";
import type { Report } from "./verify.ts";

export type Paint = (code: number, text: string) => string;

/** Colours for a terminal, none elsewhere. */
export function createPaint(isTerminal: boolean): Paint {
  return isTerminal ? (code, text) => `\u001b[${code}m${text}\u001b[0m` : (_code, text) => text;
}

const colours = { verified: 32, incomplete: 33, invalid: 31 } as const;
const bold = 1;
const dim = 2;

/** Columns padded to their widest cell, at most 40 characters wide. */
function table(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string[] {
  const cells = rows.map((row) => row.map((cell) => shorten(escapeText(cell))));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [paint(dim, line(head)), ...cells.map(line)];
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** A report on a bundle. */
export function printReport(report: Report, paint: Paint): string {
  const { verdict, network, logs, entries, payloads, notChecked, problems, sha256 } = report;
  const lines = [paint(colours[verdict], verdict) + (network === null ? "" : ` network ${network}`)];
  for (const { code, log, seq, detail } of problems) {
    const place = log === undefined ? "" : ` ${log}${seq === undefined ? "" : `.${seq}`}`;
    lines.push(`  ${paint(bold, code)}${place}: ${escapeText(detail)}`);
  }
  if (logs.length > 0) {
    const rows = logs.map(({ name, by, log, size, checkpoints, signatures }) => [
      name ?? by,
      log,
      String(size),
      String(checkpoints),
      String(signatures),
    ]);
    lines.push("", ...table(["partner", "log", "entries", "checkpoints", "signatures checked"], rows, paint));
  }
  lines.push(
    "",
    `${entries} entries, ${payloads.given} texts; sha256 ${sha256 ?? "unknown: not read to its end"}`,
    ...notChecked.map((what) => `not checked: ${what}`),
  );
  return `${lines.join("\n")}\n`;
}

/** Rows of a replay as two tables. */
export function printRows(rows: readonly Row[], paint: Paint): string {
  const lines: string[] = [];
  const initiatives = rows.filter((row) => row.kind === "initiative");
  if (initiatives.length > 0) {
    const cells = initiatives.map((row) => [
      row.externalId ?? row.id,
      row.title ?? "(no text)",
      row.lead ?? "(open)",
      row.participants.join(", "),
      row.status + (row.externalStatus === undefined ? "" : ` (${row.externalStatus})`),
      String(row.term),
    ]);
    lines.push(...table(["initiative", "title", "lead", "participants", "status", "term"], cells, paint), "");
  }
  const commitments = rows.filter((row) => row.kind === "commitment");
  if (commitments.length > 0) {
    const cells = commitments.map((row) => [
      row.externalId ?? row.id,
      row.title ?? "(no text)",
      row.debtor,
      row.beneficiaries.join(", ") || (row.initiative ?? ""),
      row.due,
      row.state,
    ]);
    lines.push(...table(["commitment", "title", "debtor", "to", "due", "state"], cells, paint), "");
  }
  lines.push(`${initiatives.length} initiatives, ${commitments.length} commitments`);
  return `${lines.join("\n")}\n`;
}

/** Verdicts of a replay as a table. */
export function printVerdicts(rows: readonly VerdictRow[], paint: Paint): string {
  const cells = rows.map(({ id, type, verdict }) => [id, type, verdict]);
  return `\n${table(["entry", "type", "verdict"], cells, paint).join("\n")}\n`;
}
