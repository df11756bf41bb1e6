/** What people read. Everything that came out of a bundle is escaped here, once, on its way into a line. */
import { escapeText } from "./escape.ts";
import type { Cut } from "./fold/book.ts";
import type { Held } from "./held.ts";
import type { CommitmentRow, ConversationRow, InitiativeRow, Replay, Row, VerdictRow } from "./replay.ts";
import type { Report } from "./verify.ts";

export type Paint = (code: number, text: string) => string;

/** Colours for a terminal, none elsewhere. */
export function createPaint(isTerminal: boolean): Paint {
  return isTerminal ? (code, text) => `\u001b[${code}m${text}\u001b[0m` : (_code, text) => text;
}

const colours = { verified: 32, incomplete: 33, invalid: 31 } as const;
const bold = 1;
const dim = 2;
const widthMax = 40;

/** Lines of a table. Columns are padded to their widest cell; `cellsOf` is asked twice a row, so that nothing is kept. */
function* table<Item>(
  head: readonly string[],
  items: () => Iterable<Item>,
  cellsOf: (item: Item) => readonly string[],
  paint: Paint,
): Generator<string> {
  const prepare = (item: Item) => cellsOf(item).map((cell) => shorten(escapeText(cell)));
  const widths = head.map(({ length }) => length);
  for (const item of items()) {
    for (const [column, cell] of prepare(item).entries()) {
      if (cell.length > (widths[column] ?? 0)) widths[column] = cell.length;
    }
  }
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  yield paint(dim, line(head));
  for (const item of items()) yield line(prepare(item));
}

function shorten(text: string): string {
  return text.length > widthMax ? `${text.slice(0, widthMax - 1)}…` : text;
}

/** `1 commitment`, `2 commitments`. */
function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A report on a bundle. */
export function* printReport(report: Report, paint: Paint): Generator<string> {
  const { verdict, network, logs, entries, payloads, notChecked, findings, problems, sha256 } = report;
  yield paint(colours[verdict], verdict) + (network === null ? "" : ` network ${network}`);
  for (const { code, log, seq, detail } of problems) {
    const place = log === undefined ? "" : ` ${log}${seq === undefined ? "" : `.${seq}`}`;
    yield `  ${paint(bold, code)}${place}: ${escapeText(detail)}`;
  }
  if (problems.some(({ code }) => code === "truncated" || code === "sha256" || code === "form")) {
    yield "  The file is damaged, altered or not a bundle: copy it again, or ask for another export.";
  }
  if (logs.length > 0) {
    yield "";
    yield* table(
      ["partner", "log", "entries", "checkpoints", "signatures checked"],
      () => logs,
      ({ name, by, log, branch, size, checkpoints, signatures }) => [
        ...[name ?? by, branch === undefined ? log : `${log}, history ${branch + 1}`],
        ...[size, checkpoints, signatures].map(String),
      ],
      paint,
    );
  }
  yield "";
  const texts = counted(payloads.given, "text");
  yield `${counted(entries, "entry", "entries")}, ${texts}; sha256 ${sha256 ?? "unknown: the end was not read"}`;
  for (const what of notChecked) yield `not checked: ${what}`;
  for (const { code, log, detail } of findings) yield `found: ${paint(bold, code)} ${log}: ${detail}`;
}

/** A replay: what is shown, its rows as two tables, and the verdicts if asked for. */
export function* printReplay(
  {
    asOf,
    timeline,
    subject,
    verdicts,
  }: Cut & { readonly subject: string | undefined; readonly verdicts: boolean },
  { manifest, charter }: Held,
  rows: readonly Row[],
  replayed: Replay,
  paint: Paint,
): Generator<string> {
  yield `network ${manifest.net} ${escapeText(charter.name)}`;
  const by = { recorded: "by when it was written", occurred: "by when it is said to have happened" }[
    timeline
  ];
  yield `as of ${new Date(asOf).toISOString()}, ${timeline} (${by})`;
  yield "";
  const initiatives = rows.filter((row) => row.kind === "initiative");
  const commitments = rows.filter((row) => row.kind === "commitment");
  const conversations = rows.filter((row) => row.kind === "conversation");
  yield* printInitiatives(initiatives, paint);
  yield* printCommitments(commitments, replayed, paint);
  yield* printConversations(conversations, replayed, paint);
  yield [
    counted(initiatives.length, "initiative"),
    counted(commitments.length, "commitment"),
    ...(conversations.length === 0 ? [] : [counted(conversations.length, "conversation")]),
  ].join(", ");
  if (commitments.some(({ view }) => view !== undefined)) {
    yield "overdue and presumed: how it looks at that moment, not part of its state";
  }
  if (verdicts)
    yield* printVerdicts(subject === undefined ? [undefined] : rows.map(({ id }) => id), replayed, paint);
}

/** The id, and beside it the one from elsewhere where any of them has one. */
function idColumns(kind: string, rows: readonly (InitiativeRow | CommitmentRow)[]) {
  const areKnownElsewhere = rows.some(({ externalId }) => externalId !== undefined);
  return {
    heads: areKnownElsewhere ? [kind, "external id"] : [kind],
    cellsOf: ({ id, externalId = "" }: InitiativeRow | CommitmentRow) =>
      areKnownElsewhere ? [id, externalId] : [id],
  };
}

function* printInitiatives(rows: readonly InitiativeRow[], paint: Paint): Generator<string> {
  if (rows.length === 0) return;
  const ids = idColumns("initiative", rows);
  yield* table(
    [...ids.heads, "title", "lead", "participants", "status", "term"],
    () => rows,
    (row) => [
      ...ids.cellsOf(row),
      row.title ?? "(no text)",
      row.lead ?? "(open)",
      row.participants.join("; "),
      row.status +
        (row.externalStatus === undefined ? "" : ` (${row.externalStatus})`) +
        (row.aside === undefined ? "" : ` (${row.aside})`),
      String(row.term),
    ],
    paint,
  );
  yield "";
}

function* printCommitments(
  rows: readonly CommitmentRow[],
  { nameOf }: Replay,
  paint: Paint,
): Generator<string> {
  if (rows.length === 0) return;
  const ids = idColumns("commitment", rows);
  yield* table(
    [...ids.heads, "title", "debtor", "to", "initiative", "initiative title", "due", "state"],
    () => rows,
    (row) => [
      ...ids.cellsOf(row),
      row.title ?? "(no text)",
      row.debtor,
      // Names hold commas.
      row.beneficiaries.join("; "),
      row.initiative ?? "",
      row.initiative === undefined ? "" : (nameOf(row.initiative) ?? "(no text)"),
      row.due,
      row.state +
        (row.view === undefined ? "" : ` (${row.view})`) +
        (row.aside === undefined ? "" : ` (${row.aside})`),
    ],
    paint,
  );
  yield "";
}

function* printConversations(
  rows: readonly ConversationRow[],
  { nameOf }: Replay,
  paint: Paint,
): Generator<string> {
  if (rows.length === 0) return;
  yield* table(
    ["conversation", "as", "by", "about", "texts", "questions", "acknowledged"],
    () => rows,
    ({ id, as, by, about, entries, questions, acks, aside }) => [
      id,
      as + (aside === undefined ? "" : ` (${aside})`),
      by,
      about === undefined ? "" : (nameOf(about) ?? about),
      String(entries),
      questions.map((question) => question.state).join(", "),
      acks.flatMap(({ given }) => given.map(([partner, word]) => `${partner}: ${word}`)).join("; "),
    ],
    paint,
  );
  yield "";
}

function* printVerdicts(
  subjects: readonly (string | undefined)[],
  { verdicts, nameOf }: Replay,
  paint: Paint,
): Generator<string> {
  yield "";
  yield* table(
    ["entry", "type", "about", "name", "verdict"],
    function* () {
      for (const subject of subjects) yield* verdicts(subject);
    },
    ({ id, type, subject, verdict, reliedOnBy }: VerdictRow) => [
      id,
      type,
      subject ?? "",
      subject === null ? "" : (nameOf(subject) ?? ""),
      verdict + (reliedOnBy === undefined ? "" : ` (in doubt; relied on by ${reliedOnBy.join(", ")})`),
    ],
    paint,
  );
}
