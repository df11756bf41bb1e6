/** A fault of the node as an operator meets it: what was tried, what to try next, and the exit code that tells it apart. */
import { type ExitCode, exitCodes } from "@handfast/api/exit-codes";

export class NodeError extends Error {
  override readonly name = "NodeError";
  readonly code: string;
  readonly exitCode: ExitCode;
  /** One sentence for a person: what to try. */
  readonly hint: string | undefined;

  constructor(
    code: string,
    message: string,
    detail: { readonly hint?: string; readonly exitCode?: ExitCode; readonly cause?: unknown } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.exitCode = detail.exitCode ?? exitCodes.fault;
    this.hint = detail.hint;
  }
}

/** Wrong words on the command line, or a setting that does not fit. */
export const usage = (message: string, hint?: string): NodeError =>
  new NodeError("usage", message, { exitCode: exitCodes.usage, ...(hint === undefined ? {} : { hint }) });
