/**
 * The command line as a whole: what there is to say, and how each part is run. Work is imported when it is asked for, so that
 * `--help` answers at once.
 */
import { exitCodes } from "@handfast/api/exit-codes";
import { type Command, CommanderError, Option } from "commander";
import { commandIn, type DataFolder, dataFolder, defaultFolder } from "../node/data-folder.ts";
import { NodeError } from "../node/fault.ts";
import { version } from "../node/version.ts";
import { addAudit } from "./audit.ts";
import { addDemo } from "./demo.ts";
import { assertNoneEmpty } from "./empty-words.ts";
import { addImport } from "./import.ts";
import { addKeysCommands } from "./keys-commands.ts";
import { addLogCommands } from "./log-commands.ts";
import { ExplainingCommand } from "./misuse.ts";
import type { NodeApi } from "./node-api.ts";
import { addNodeCommands } from "./node-commands.ts";
import { type Output, openOutput, tellFailure } from "./output.ts";
import { addReads } from "./reads.ts";
import { addVerbs } from "./verbs.ts";

export type Context = {
  readonly output: Output;
  readonly folder: DataFolder;
  /** The node's HTTP API, by `--url` and `--token-file`, else by what stands in the data folder. */
  readonly api: () => Promise<NodeApi>;
};
/** Runs one command's work and sets the exit code; tells what failed. */
export type Run = (
  command: Command,
  work: (context: Context) => Promise<number | undefined> | Promise<void>,
) => Promise<void>;

const exitHelp = `
Exit codes: 0 done or verified, 1 fault, 2 wrong usage, 3 refused or invalid, 4 node unreachable, 5 incomplete, 70 fatal, 73 locked.
Every command takes --json: one line of JSON on standard output, an error as {"error":{"code","message","hint"?}}.`;

export function createProgram(env: Readonly<Record<string, string | undefined>>): Command {
  const program = new ExplainingCommand("handfast")
    .description("Keep a partner's node: promises, challenges and initiatives of a network that nobody owns.")
    .version(version)
    .addOption(
      new Option("--data <folder>", "the node's data folder").env("HANDFAST_DATA").default(defaultFolder),
    )
    .addOption(
      new Option("--url <url>", "the node's HTTP API; default: as the data folder says").env("HANDFAST_URL"),
    )
    .addOption(
      new Option("--token-file <file>", "a token to speak with; default: the data folder's own").env(
        "HANDFAST_TOKEN_FILE",
      ),
    )
    .option("--json", "print one line of JSON")
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .addHelpText("after", exitHelp)
    .exitOverride()
    .hook("preAction", (_program, command) => assertNoneEmpty(command));

  const run: Run = async (command, work) => {
    const global = command.optsWithGlobals<{
      data: string;
      url?: string;
      tokenFile?: string;
      json?: boolean;
    }>();
    const output = openOutput(global.json === true);
    const folder = dataFolder(global.data);
    const api = async () => (await import("./node-api.ts")).openNodeApi(folder, global);
    try {
      process.exitCode = (await work({ output, folder, api })) ?? exitCodes.done;
    } catch (err) {
      process.exitCode = tellFailure(output, err, commandIn(folder, "up"));
    }
  };

  addNodeCommands(program, run, env);
  addLogCommands(program, run);
  addKeysCommands(program, run);
  const groups = addReads(program, run);
  addVerbs(groups, run);
  addAudit(program, run);
  addImport(program, run);
  addDemo(program, run);
  for (const command of all(program)) command.exitOverride();
  return program;
}

/** Runs the command line; resolves with nothing, the exit code is set. */
export async function runProgram(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  // `| head` has read enough: that is not an error.
  process.stdout.on("error", (err: NodeJS.ErrnoException) => {
    if (err.code !== "EPIPE") throw err;
    // What runs a node stops it as if it were told to.
    if (!process.emit("SIGTERM")) process.exit(exitCodes.done);
  });
  try {
    await createProgram(env).parseAsync([...argv], { from: "user" });
  } catch (err) {
    if (err instanceof NodeError) process.exitCode = tellFailure(openOutput(argv.includes("--json")), err);
    // Help was asked for, or is the answer to half a command.
    else if (err instanceof CommanderError)
      process.exitCode = err.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    else throw err;
  }
}

function* all(command: Command): Iterable<Command> {
  for (const one of command.commands) {
    yield one;
    yield* all(one);
  }
}
