/**
 * What the command line prints, and where: results on standard output, everything said along the way on standard error, so
 * that `--json` stays clean. Nothing here ever asks a question.
 */

import { type ExitCode, exitCodes } from "@handfast/api/exit-codes";
import type { Problem } from "@handfast/api/views/answers";
import { problemText } from "@handfast/client/client";
import { nameOf, withFlags } from "./flags.ts";
import { createPacedLines } from "./paced-lines.ts";
import { escaped, jsonLine } from "./table.ts";

export type Output = {
  readonly isJson: boolean;
  /** The result: `value` as one line of JSON, or `text` for people. */
  result(value: unknown, text: () => string): void;
  /** Said along the way. */
  say(text: string): void;
  /** A line that is written over by the next, where standard error is a terminal; else one that stays (`paced-lines.ts`). */
  progress(text: string): void;
};

export function openOutput(isJson: boolean): Output {
  const isTerminal = process.stderr.isTTY === true;
  let isLineOpen = false;
  const lines = createPacedLines();
  const write = (text: string) => {
    process.stderr.write(`${isLineOpen ? "\r\u001b[K" : ""}${text}\n`);
    isLineOpen = false;
  };
  const endProgress = (said: string) => {
    const last = lines.end(said);
    if (last !== null) write(last);
  };
  const say = (text: string) => {
    endProgress(text);
    write(text);
  };
  return {
    isJson,
    result: (value, text) => {
      endProgress("");
      if (isLineOpen) process.stderr.write("\r\u001b[K");
      isLineOpen = false;
      process.stdout.write(`${isJson ? jsonLine(value) : text()}\n`);
    },
    say,
    progress: (text) => {
      if (isTerminal) {
        process.stderr.write(`\r\u001b[K${escaped(text).slice(0, (process.stderr.columns || 80) - 1)}`);
        isLineOpen = true;
        return;
      }
      const line = lines.next(text);
      if (line !== null) write(line);
    },
  };
}

/**
 * Tells a failure in one or two lines (or as JSON) and answers the exit code.
 *
 * @param start The command that brings the node up, for the hint where it cannot be reached.
 */
export function tellFailure(output: Output, err: unknown, start?: string): number {
  const told = tell(err, start);
  if (output.isJson) output.result({ error: told }, () => "");
  else {
    const hint = told.hint === undefined ? "" : `\n  try: ${escaped(told.hint)}`;
    // A message about a command begins with it.
    const program = told.message.startsWith("handfast") ? "" : "handfast: ";
    output.say(`${program}${escaped(told.message)} (${told.code})${hint}`);
  }
  return told.exitCode;
}

type Told = {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly exitCode: ExitCode;
};

/** A fault that knows its exit code: the node's own, and the ledger's, which is not loaded for its name alone. */
const isTold = (err: unknown): err is Error & Pick<Told, "code" | "exitCode"> & { readonly hint?: string } =>
  err instanceof Error && "exitCode" in err && "code" in err;

/** What a failure is called, says and ends the process with. */
export const faultOf = (err: unknown): Told => tell(err);

function tell(err: unknown, start = "handfast up"): Told {
  if (isTold(err)) {
    return {
      code: err.code,
      message: err.message,
      exitCode: err.exitCode,
      ...(err.hint === undefined ? {} : { hint: err.hint }),
    };
  }
  const code = (err as { readonly code?: unknown } | null)?.code;
  const message = chain(err);
  const problem = (err as { readonly problem?: Problem } | null)?.problem;
  if (problem !== undefined) return tellProblem(problem);
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "unreachable") {
    return {
      code: "unreachable",
      message,
      hint: `is the node up? \`${start}\``,
      exitCode: exitCodes.unreachable,
    };
  }
  return { code: typeof code === "string" ? code : "internal", message, exitCode: exitCodes.fault };
}

/** A node's no: wrong words, or refused, unless the node could not answer at all. */
function tellProblem(problem: Problem): Told {
  const { code, status, hint, errors = [] } = problem;
  const isUsage = status === 400 || code === "body-invalid";
  const exitCode: ExitCode = status >= 500 ? exitCodes.fault : isUsage ? exitCodes.usage : exitCodes.invalid;
  return {
    code,
    message: code === "query-invalid" ? queryText(errors) : withFlags(problemText(problem)),
    exitCode,
    // Each place that does not fit is named above; where to look them up adds nothing.
    ...(hint === undefined || errors.length > 0 ? {} : { hint: hintHere[code] ?? withFlags(hint) }),
  };
}

/** Where a terminal does otherwise than HTTP. */
const hintHere: Readonly<Record<string, string>> = {
  "not-authenticated":
    "name a file with a token of this node with --token-file; `handfast token create` makes one, where the node's data folder is",
};

/** Parameters of a query are options here, of the same name. */
const queryText = (errors: NonNullable<Problem["errors"]>): string =>
  errors.map(({ pointer, detail }) => `${nameOf(pointer.replace(/^#?\//, ""))}: ${detail}`).join("; ");

/** The message and those of its causes: what was tried, and why it failed. */
function chain(err: unknown): string {
  const parts: string[] = [];
  for (let one: unknown = err; one instanceof Error && parts.length < 4; one = one.cause)
    parts.push(one.message);
  return parts.join(": ") || String(err);
}
