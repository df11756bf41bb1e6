/** The command line, parsed. Wrong usage is answered with what to type. */
import { parseArgs } from "node:util";
import { parseAsOf } from "./as-of.ts";
import type { Timeline } from "./fold/book.ts";

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | {
      readonly kind: "verify";
      readonly path: string;
      readonly json: boolean;
      readonly everySignature: boolean;
      readonly progress: boolean;
    }
  | {
      readonly kind: "replay";
      readonly path: string;
      readonly json: boolean;
      readonly progress: boolean;
      readonly asOf: number;
      readonly timeline: Timeline;
      readonly subject: string | undefined;
      readonly verdicts: boolean;
    }
  | { readonly kind: "wrong"; readonly why: string };

export const help = `handfast-audit: check what partners promised each other, offline, trusting no one

  handfast-audit verify BUNDLE [--every-signature] [--json] [--progress]
      Checks every entry, hash, root and key, and the signatures of control and last checkpoints.
      --every-signature  check the signatures of all checkpoints
      --json             print the report as one JSON object

  handfast-audit replay BUNDLE --as-of TIME [--timeline recorded|occurred] [--subject ID] [--verdicts] [--json]
                        [--progress]
      Verifies the bundle, then shows the state at TIME: initiatives, then commitments, in order of creation.
      --as-of TIME       2026-03-01T12:00:00Z, or 2026-03-01 for the end of that day (UTC)
      --timeline         recorded: by when entries were written (the default)
                         occurred: by when they say things happened
      --subject ID       show only the initiative or commitment with this id (log.seq) or external id
      --verdicts         show the verdict on each entry too: effective, crossed, or why it has no effect
      --json             print one JSON object a line; the first says what is shown

  handfast-audit --help | --version

--progress shows progress on stderr even when that is not a terminal.
Overdue and presumed are how a commitment looks at TIME; they are not part of its state.

Exit codes: 0 verified, 1 internal or I/O error, 2 wrong usage or unknown --subject, 3 invalid (damaged or
forged), 5 incomplete (something that other entries refer to was left out).
The bundle is the only file that is read. No file is written.
`;

const options = {
  json: { type: "boolean" },
  progress: { type: "boolean" },
  "every-signature": { type: "boolean" },
  "as-of": { type: "string" },
  timeline: { type: "string" },
  subject: { type: "string" },
  verdicts: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

const forReplay = ["as-of", "timeline", "subject", "verdicts"] as const;

/** Parses the arguments after the program's name. */
export function parseCommand(args: readonly string[]): Command {
  const parsed = tryParse(args);
  if (typeof parsed === "string") return wrong(parsed);
  const { values, positionals } = parsed;
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  const [name, path, ...more] = positionals;
  if (name === undefined) return wrong("a command is missing: verify or replay");
  if (name !== "verify" && name !== "replay")
    return wrong(`${name} is not a command; the commands are verify and replay`);
  if (path === undefined || path.trim() === "")
    return wrong(`the bundle is missing: handfast-audit ${name} BUNDLE`);
  if (more.length > 0) return wrong(`only one bundle at a time: ${more[0]} is one argument too many`);
  const json = values.json ?? false;
  const progress = values.progress ?? false;
  if (name === "verify") {
    const foreign = forReplay.find((option) => values[option] !== undefined);
    if (foreign !== undefined) return wrong(`--${foreign} is an option of replay, not of verify`);
    return { kind: "verify", path, json, progress, everySignature: values["every-signature"] ?? false };
  }
  if (values["every-signature"] !== undefined)
    return wrong("--every-signature is an option of verify, not of replay");
  if (values["as-of"] === undefined)
    return wrong("the moment is missing: --as-of 2026-03-01 or --as-of 2026-03-01T12:00:00Z");
  const asOf = parseAsOf(values["as-of"]);
  if (asOf === undefined) {
    return wrong(
      `--as-of ${values["as-of"]} is not a moment: give a date (2026-03-01) or a time (2026-03-01T12:00:00Z)`,
    );
  }
  const timeline = values.timeline ?? "recorded";
  if (timeline !== "recorded" && timeline !== "occurred") {
    return wrong(`--timeline ${timeline} is not a timeline: give recorded or occurred`);
  }
  const { subject, verdicts = false } = values;
  return { kind: "replay", path, json, progress, asOf, timeline, subject, verdicts };
}

function wrong(why: string): Command {
  return { kind: "wrong", why };
}

type Options = typeof options;
type Values = {
  readonly [Name in keyof Options]?: Options[Name]["type"] extends "boolean" ? boolean : string;
};

/** What may stand behind an option that takes a value. */
const examples: Readonly<Record<string, string>> = {
  "as-of": "--as-of 2026-03-01",
  timeline: "--timeline occurred",
  subject: "--subject kep-617",
};

/**
 * The options and the other words, or what is wrong with them. An id from elsewhere may begin with a hyphen, so the word behind an
 * option that takes a value is its value unless it is an option of this program.
 */
function tryParse(args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    if (!Object.hasOwn(options, name)) return `${rawName} is not an option; see handfast-audit --help`;
    const isText = options[name as keyof Options].type === "string";
    if (!isText && value !== undefined) return `${rawName} takes no value`;
    if (isText && (value === undefined || value.trim() === "" || (!inlineValue && isOption(value))))
      return `${rawName} needs a value, for example ${examples[name]}`;
  }
  return { values: values as Values, positionals };
}

const isOption = (word: string): boolean =>
  word === "-h" || (word.startsWith("--") && Object.hasOwn(options, word.slice(2).replace(/=.*$/s, "")));
