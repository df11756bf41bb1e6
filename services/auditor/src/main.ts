/** `handfast-audit`: verify and replay. The only file that touches the process. */
import { setFlagsFromString } from "node:v8";
import manifest from "../package.json" with { type: "json" };
import { audit } from "./audit.ts";
import { escapeText, formatJson } from "./escape.ts";
import { type Held, none } from "./held.ts";
import { writeLines } from "./output.ts";
import { pathFault } from "./path-fault.ts";
import { createPaint, printReplay, printReport } from "./print.ts";
import { createProgressLine, type ProgressLine } from "./progress.ts";
import { entryOf, type Replay, type Row, replay } from "./replay.ts";
import { type Command, help, parseCommand } from "./usage.ts";
import type { Report } from "./verify.ts";

type VerifyCommand = Extract<Command, { kind: "verify" }>;
type ReplayCommand = Extract<Command, { kind: "replay" }>;

// A fold makes millions of small objects that stay: with more room for new ones they are moved less often.
setFlagsFromString("--max-semi-space-size=64");
setFlagsFromString("--min-semi-space-size=32");

const exitCodes = { verified: 0, invalid: 3, incomplete: 5 } as const;
const failed = 1;
const wrongUsage = 2;

const out = createPaint(process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined);
const err = createPaint(process.stderr.isTTY === true && process.env["NO_COLOR"] === undefined);

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Shows progress on a terminal, or anywhere when asked to. */
function openProgress({ progress }: VerifyCommand | ReplayCommand): ProgressLine & Disposable {
  const isShown = progress || process.stderr.isTTY === true;
  const line = createProgressLine((text) => void (isShown && process.stderr.write(text)));
  return { ...line, [Symbol.dispose]: line.clear };
}

async function runVerify(command: VerifyCommand): Promise<number> {
  const { report } = await read();
  await writeLines(process.stdout, command.json ? [formatJson(report)] : printReport(report, out));
  return exitCodes[report.verdict];

  async function read() {
    using line = openProgress(command);
    return await audit(command.path, {
      everySignature: command.everySignature,
      onProgress: line.onProgress,
    });
  }
}

async function runReplay(command: ReplayCommand): Promise<number> {
  const { report, held } = await read();
  if (report.verdict !== "verified") await warn(report);
  if (report.verdict === "invalid" || held === undefined) return exitCodes.invalid;
  const replayed = fold(held);
  const { subject } = command;
  const rows =
    subject === undefined
      ? replayed.rows
      : replayed.rows.filter(
          (row) => row.id === subject || ("externalId" in row && row.externalId === subject),
        );
  if (subject !== undefined && rows.length === 0) {
    complain(`handfast-audit: ${escapeText(whyUnknown(subject, command, held))}`);
    return wrongUsage;
  }
  await writeLines(
    process.stdout,
    command.json
      ? jsonLines(command, report, rows, replayed)
      : printReplay(command, held, rows, replayed, out),
  );
  return exitCodes[report.verdict];

  async function read() {
    using line = openProgress(command);
    return await audit(command.path, { keep: true, onProgress: line.onProgress });
  }
  function fold(held: Held) {
    using line = openProgress(command);
    return replay(held, command, line.onProgress);
  }
}

function* jsonLines(
  { asOf, timeline, subject, verdicts }: ReplayCommand,
  { network, verdict }: Report,
  rows: readonly Row[],
  replayed: Replay,
): Generator<string> {
  const moment = new Date(asOf).toISOString();
  yield formatJson({ kind: "replay", network, verdict, asOf: moment, timeline, rows: rows.length });
  for (const row of rows) {
    const initiativeTitle =
      row.kind === "commitment" && row.initiative !== undefined
        ? replayed.titleOf(row.initiative)
        : undefined;
    yield formatJson({ ...row, ...(initiativeTitle !== undefined && { initiativeTitle }) });
  }
  if (!verdicts) return;
  for (const about of subject === undefined ? [undefined] : rows.map(({ id }) => id)) {
    for (const row of replayed.verdicts(about)) yield formatJson(row);
  }
}

/** What opens a thing that has a row. */
const rowTypes =
  /^(initiative\.proposed|commitment\.(requested|offered|pledged)|post\.published|(decision|meeting)\.noted|thanks\.given)$/;

/** Why nothing is shown of what was asked for. */
function whyUnknown(subject: string, { asOf, timeline }: ReplayCommand, held: Held): string {
  const moment = `as of ${new Date(asOf).toISOString()} (${timeline})`;
  const named =
    entryOf(held, subject) ??
    held.entries.find((entry) => entry.subject === none && entry.x["externalId"] === subject);
  if (named === undefined) return `no initiative, commitment or conversation ${subject} is in this bundle`;
  if (named.subject !== none || !rowTypes.test(named.type)) {
    return `${subject} is an entry ${named.type}; give the id of an initiative, commitment or conversation`;
  }
  const written = new Date(held.atMs[named.index] as number).toISOString();
  return `${subject} did not exist or had no effect ${moment}; it was written at ${written}`;
}

async function warn(report: Report): Promise<void> {
  await writeLines(process.stderr, printReport(report, err));
  if (report.verdict === "incomplete") {
    complain(err(33, "WARNING: entries were left out of this bundle; what is shown may be wrong"));
  } else complain("handfast-audit: an invalid bundle is not replayed");
}

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case "help":
      process.stdout.write(help);
      return 0;
    case "version":
      process.stdout.write(`handfast-audit ${manifest.version}\n`);
      return 0;
    case "wrong":
      complain(`handfast-audit: ${escapeText(command.why)}\nTry handfast-audit --help`);
      return wrongUsage;
    case "verify":
      return await runVerify(command);
    case "replay":
      return await runReplay(command);
  }
}

// A reader that has seen enough (`| head`) is not an error, and changes nothing about the verdict.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const command = parseCommand(process.argv.slice(2));
try {
  process.exitCode = await run(command);
} catch (error) {
  const ofPath = "path" in command ? pathFault(error, command.path) : null;
  complain(
    `handfast-audit: ${escapeText(ofPath ?? (error instanceof Error ? error.message : String(error)))}`,
  );
  if (ofPath !== null)
    complain("Give the path of a bundle file that you can read: handfast-audit verify BUNDLE");
  process.exitCode = ofPath === null ? failed : wrongUsage;
}
