/** `handfast-audit`: verify and replay. The one place that speaks to the process. */
import manifest from "../package.json" with { type: "json" };
import { escapeText } from "./escape.ts";
import { createPaint, printReport, printRows, printVerdicts } from "./print.ts";
import { replay } from "./replay.ts";
import { type Command, help, parseCommand } from "./usage.ts";
import { type Audit, type Report, type VerifyOptions, verifyBundle } from "./verify.ts";

const exitCodes = { verified: 0, invalid: 3, incomplete: 5 } as const;
const failed = 1;
const wrongUsage = 2;

const out = createPaint(process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined);
const err = createPaint(process.stderr.isTTY === true && process.env["NO_COLOR"] === undefined);

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Shows how far a long reading is, on a terminal only. */
function createProgress(): { onProgress?: (fraction: number) => void; clear(): void } {
  if (process.stderr.isTTY !== true) return { clear() {} };
  let shown = -1;
  return {
    onProgress(fraction) {
      const percent = Math.floor(100 * fraction);
      if (percent <= shown) return;
      shown = percent;
      process.stderr.write(`\rreading ${percent} %`);
    },
    clear: () => process.stderr.write("\r\u001b[K"),
  };
}

function audit(path: string, options: VerifyOptions): Audit {
  const progress = createProgress();
  try {
    return verifyBundle(path, {
      ...options,
      ...(progress.onProgress && { onProgress: progress.onProgress }),
    });
  } finally {
    progress.clear();
  }
}

function runVerify({ path, json, everySignature }: Extract<Command, { kind: "verify" }>): number {
  const { report } = audit(path, { everySignature });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : printReport(report, out));
  return exitCodes[report.verdict];
}

function runReplay(command: Extract<Command, { kind: "replay" }>): number {
  const { report, held } = audit(command.path, { keep: true });
  if (report.verdict !== "verified") warn(report);
  if (report.verdict === "invalid" || held === undefined) return exitCodes.invalid;
  const { rows, verdicts } = replay(held, command);
  const { subject } = command;
  const shown = rows.filter(
    (row) => subject === undefined || row.id === subject || row.externalId === subject,
  );
  if (shown.length === 0 && subject !== undefined)
    tell(`nothing named ${escapeText(subject)} stood at that time`);
  const judged = command.verdicts ? verdicts() : [];
  if (command.json) for (const row of [...shown, ...judged]) process.stdout.write(`${JSON.stringify(row)}\n`);
  else process.stdout.write(printRows(shown, out) + (command.verdicts ? printVerdicts(judged, out) : ""));
  return exitCodes[report.verdict];
}

function warn(report: Report): void {
  process.stderr.write(printReport(report, err));
  if (report.verdict === "incomplete") {
    tell(err(33, "WARNING: entries were left out of this bundle; what is shown may be wrong"));
  } else tell("an invalid bundle is not replayed");
}

function run(command: Command): number {
  switch (command.kind) {
    case "help":
      process.stdout.write(help);
      return 0;
    case "version":
      process.stdout.write(`handfast-audit ${manifest.version}\n`);
      return 0;
    case "wrong":
      tell(`handfast-audit: ${escapeText(command.why)}\nsee handfast-audit --help`);
      return wrongUsage;
    case "verify":
      return runVerify(command);
    case "replay":
      return runReplay(command);
  }
}

/** Whether the fault is the path that was typed, rather than the machine. */
function isWrongPath(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR" || code === "EACCES";
}

// A reader that has seen enough (`| head`) is no fault, and changes nothing about the verdict.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  process.exitCode = run(parseCommand(process.argv.slice(2)));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  tell(`handfast-audit: ${escapeText(message)}`);
  if (isWrongPath(error)) tell("name a bundle file that can be read: handfast-audit verify BUNDLE");
  process.exitCode = isWrongPath(error) ? wrongUsage : failed;
}
