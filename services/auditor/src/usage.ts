/** The command line, read. Wrong usage is answered with what to type. */
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
    }
  | {
      readonly kind: "replay";
      readonly path: string;
      readonly json: boolean;
      readonly asOf: number;
      readonly timeline: Timeline;
      readonly subject: string | undefined;
      readonly verdicts: boolean;
    }
  | { readonly kind: "wrong"; readonly why: string };

export const help = `handfast-audit: check what partners promised each other, offline, trusting nobody

  handfast-audit verify BUNDLE [--every-signature] [--json]
      every entry, every hash, every root, every key; the signatures of control and last checkpoints, or of all
      --json  one JSON object

  handfast-audit replay BUNDLE --as-of T [--timeline recorded|occurred] [--subject S] [--verdicts] [--json]
      verifies, then shows what stood at T: initiatives, then commitments, in order of creation
      T           2026-03-01T12:00:00Z, or 2026-03-01 for the end of that day (UTC)
      --timeline  recorded (when it was written, the default) or occurred (when it is said to have happened)
      --subject   only the one with this id (log.seq) or external id
      --verdicts  also what came of every entry: effective, crossed, or why it has no effect
      --json      one JSON object a line

  handfast-audit --help | --version

Exit codes: 0 verified, 1 the machine failed, 2 wrong usage, 3 invalid, 5 incomplete.
Reads the bundle and nothing else; writes nothing but its answer.
`;

const options = {
  json: { type: "boolean" },
  "every-signature": { type: "boolean" },
  "as-of": { type: "string" },
  timeline: { type: "string" },
  subject: { type: "string" },
  verdicts: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

const forReplay = ["as-of", "timeline", "subject", "verdicts"] as const;

/** Reads the arguments after the program's name. */
export function parseCommand(args: readonly string[]): Command {
  const parsed = tryParse(args);
  if (typeof parsed === "string") return wrong(parsed);
  const { values, positionals } = parsed;
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  const [name, path, ...more] = positionals;
  if (name === undefined) return wrong("say what to do: verify or replay");
  if (name !== "verify" && name !== "replay") return wrong(`there is no command ${name}: verify or replay`);
  if (path === undefined) return wrong(`name the bundle: handfast-audit ${name} BUNDLE`);
  if (more.length > 0) return wrong(`one bundle at a time: what is ${more[0]}?`);
  const json = values.json ?? false;
  if (name === "verify") {
    const foreign = forReplay.find((option) => values[option] !== undefined);
    if (foreign !== undefined) return wrong(`--${foreign} belongs to replay`);
    return { kind: "verify", path, json, everySignature: values["every-signature"] ?? false };
  }
  if (values["every-signature"] !== undefined) return wrong("--every-signature belongs to verify");
  if (values["as-of"] === undefined)
    return wrong("say when: --as-of 2026-03-01 or --as-of 2026-03-01T12:00:00Z");
  const asOf = parseAsOf(values["as-of"]);
  if (asOf === undefined) return wrong(`not a moment: --as-of ${values["as-of"]}; try --as-of 2026-03-01`);
  const timeline = values.timeline ?? "recorded";
  if (timeline !== "recorded" && timeline !== "occurred") {
    return wrong(`there is no timeline ${timeline}: --timeline recorded or --timeline occurred`);
  }
  return {
    kind: "replay",
    path,
    json,
    asOf,
    timeline,
    subject: values.subject,
    verdicts: values.verdicts ?? false,
  };
}

function wrong(why: string): Command {
  return { kind: "wrong", why };
}

function tryParse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // parseArgs says what it did not understand in a sentence made for people.
    return error instanceof Error ? error.message : String(error);
  }
}
