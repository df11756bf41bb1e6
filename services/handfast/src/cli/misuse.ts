/**
 * Wrong usage in the form of every other refusal: which word it is about, what was given, what is expected, and the command as it can be
 * typed. Commander finds the mistakes; its own words for them say none of this.
 */
import { shellWord } from "@handfast/service-kit/shell";
import type { Argument, Command, ErrorOptions, Option } from "commander";
import { type NodeError, usage } from "../node/fault.ts";
import { DashedIdCommand } from "./dashed-ids.ts";

/** A command, and all below it, whose misuse is thrown as a fault of the command line. */
export class ExplainingCommand extends DashedIdCommand {
  override createCommand(name?: string): ExplainingCommand {
    return new ExplainingCommand(name);
  }

  /** @throws {NodeError} usage, always. */
  override error(message: string, { code = "" }: ErrorOptions = {}): never {
    throw misuse(this, message, code);
  }
}

/** Examples of what a placeholder stands for: `<id>`, `<YYYY-MM-DD>`. */
const examples: Readonly<Record<string, string>> = {
  id: "RmBVbYlMcVbGdnqJIm2XAQ.12",
  ref: "RmBVbYlMcVbGdnqJIm2XAQ.12",
  "token-id": "368c2af0ae",
  partners: '"Orchard Trust, Ferry"',
  partner: '"Orchard Trust"',
  name: '"Orchard Trust"',
  invitation: "invitation.txt",
  "YYYY-MM-DD": "2030-06-01",
  day: "2030-06-01",
  moment: "2030-06-01",
  folder: "./handfast-data",
  count: "20",
  number: "1",
  port: "7430",
  position: "120",
  url: "http://127.0.0.1:7430",
  "url...": "tls://node.example.org:7422",
};
/** By an option's or argument's own name, where the placeholder says less. */
const examplesByName: Readonly<Record<string, string>> = {
  title: '"Mend the press"',
  text: '"The spindle is bent"',
  beneficiaries: '"Orchard Trust"',
  origin: "RmBVbYlMcVbGdnqJIm2XAQ.12",
  offer: "RmBVbYlMcVbGdnqJIm2XAQ.12",
  externalStatus: "underway",
};

function misuse(command: Command, message: string, code: string): NodeError {
  const { about, given, expected } = problemOf(command, message, code);
  const detail =
    given === null
      ? `${about === "" ? "" : `${about}: `}is missing; expected ${expected}`
      : `${about === "" ? "" : `${about}: `}got ${given}, expected ${expected}`;
  const [, meant] = /\(Did you mean (.+)\?\)/.exec(message) ?? [];
  const near = meant === undefined ? [] : nearTo(message, meant);
  const suggestion = near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
  const help = `\`${pathOf(command)} --help\` says the rest`;
  const example = exampleOf(command);
  return usage(`${detail}${suggestion}`, example === null ? help : `${example}; ${help}`);
}

/** Of the words that Commander finds alike, those that begin alike: it counts letters only, and few of a short word. */
function nearTo(message: string, meant: string): readonly string[] {
  const [, given = ""] = /'-*(\w)/.exec(message) ?? [];
  return [...meant.matchAll(/-*([a-z])[\w-]*/g)]
    .map(([word]) => word)
    .filter(
      (word) => word !== "one" && word !== "of" && word.replace(/^-+/, "").startsWith(given.toLowerCase()),
    );
}

type Problem = {
  readonly about: string;
  /** Null: nothing. */
  readonly given: string | null;
  readonly expected: string;
};

function problemOf(command: Command, message: string, code: string): Problem {
  // Commander names what it means between quotation marks; what was typed may hold some itself.
  const [, quoted = ""] = /'([^\n]*)'/.exec(message) ?? [];
  const first = quoted.split("'")[0] ?? "";
  switch (code) {
    case "commander.missingArgument":
      return { about: `<${first}>`, given: null, expected: argumentWords(argumentNamed(command, first)) };
    case "commander.missingMandatoryOptionValue":
      return { about: longOf(first), given: stray(command), expected: optionWords(optionOf(command, first)) };
    case "commander.optionMissingArgument":
      return { about: longOf(first), given: "nothing", expected: optionWords(optionOf(command, first)) };
    case "commander.unknownOption":
      return { about: pathOf(command), given: quotedWord(quoted), expected: knownOptions(command) };
    case "commander.unknownCommand":
      return { about: pathOf(command), given: quotedWord(quoted), expected: subcommands(command) };
    case "commander.excessArguments":
      return {
        about: pathOf(command),
        given: command.args.map(quotedWord).join(" "),
        expected: argumentCount(command),
      };
    case "commander.invalidArgument":
      return notAmongChoices(command, message);
    default:
      return {
        about: pathOf(command),
        given: message.replace(/^error: /, ""),
        expected: "something else",
      };
  }
}

/** Commander writes: option '--state <state>' argument 'x' is invalid. Allowed choices are a, b. */
function notAmongChoices(command: Command, message: string): Problem {
  const [, flags = "", given = "", why = ""] =
    /(?:option|command-argument) '([^']*)' (?:argument|value) '(.*)' is invalid\S*\s?(.*)$/s.exec(message) ??
    [];
  const [, choices] = /^Allowed choices are (.*)\.$/s.exec(why) ?? [];
  return {
    about: longOf(flags),
    given: quotedWord(given),
    expected: choices === undefined ? why || optionWords(optionOf(command, flags)) : `one of ${choices}`,
  };
}

/** An option that is not known is found after one that is missing, and may be the same one mistyped. */
function stray({ args }: Command): string | null {
  const word = args.find((one) => one.startsWith("--"));
  return word === undefined ? null : `${quotedWord(word)}, which is not an option here`;
}

const quotedWord = (word: string): string => JSON.stringify(word.slice(0, 64));
const longOf = (flags: string): string => /--[\w-]+/.exec(flags)?.[0] ?? flags;
export const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

/** The same as it can be typed here: with the data folder that was named. */
function typedPath(command: Command): string {
  if (command.parent !== null) return `${typedPath(command.parent)} ${command.name()}`;
  const { data } = command.opts<{ data?: string }>();
  return data === undefined || command.getOptionValueSource("data") !== "cli"
    ? command.name()
    : `${command.name()} --data ${shellWord(data)}`;
}

const argumentNamed = (command: Command, name: string): Argument | undefined =>
  command.registeredArguments.find((argument) => argument.name() === name);
const optionOf = (command: Command, flags: string): Option | undefined =>
  lineage(command)
    .flatMap(({ options }) => options)
    .find((option) => option.flags === flags || option.long === longOf(flags));

/** A command and those above it: their options are taken too. */
const lineage = (command: Command): readonly Command[] =>
  command.parent === null ? [command] : [command, ...lineage(command.parent)];

/** What a placeholder stands for in people's words, where nothing else describes it. */
const placeholders: Readonly<Record<string, string>> = {
  id: "an id, as lists and answers show it",
  ref: "an id, as lists and answers show it",
  "token-id": "the id of a token, as `handfast token list` shows it",
  file: "a file",
  folder: "a folder",
  backup: "a backup's folder",
  request: "a file with a request, as `handfast keys request` writes it",
  "YYYY-MM-DD": "a day (YYYY-MM-DD)",
  partner: "a partner by its name or id",
  invitation: "a file with an invitation, or its text",
};

export function argumentWords(argument: Argument | undefined): string {
  const name = argument?.name() ?? "";
  const words = argument?.description || placeholders[name] || "a word";
  return withExample(words, examples[name]);
}

export function optionWords(option: Option | undefined): string {
  if (option === undefined) return "a value";
  const description = option.description.replace(/ ?\(required\)$/, "");
  const form = placeholders[placeholderOf(option)];
  // What a day is for does not say how to write one, and what an option does is not what it takes.
  const isForm = placeholderOf(option) === "YYYY-MM-DD" || doing.test(description);
  const words = (isForm ? form : undefined) ?? (description || placeholderOf(option) || "a value");
  return withExample(placeholders[words] ?? lowered(words), exampleFor(option));
}

/** How descriptions begin that say what comes of an option, and not what it takes. */
const doing = /^(keep|only|play|where|write) /;

const withExample = (words: string, example: string | undefined): string =>
  example === undefined ? words : `${words}, for example ${example}`;
export const lowered = (text: string): string =>
  text.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
const placeholderOf = ({ flags }: Option): string => /<([^>]+)>/.exec(flags)?.[1] ?? "";

function exampleFor(option: Option): string | undefined {
  const placeholder = placeholderOf(option);
  return (
    examplesByName[option.attributeName()] ??
    examples[placeholder] ??
    (placeholder.includes("|") ? placeholder.split("|")[0] : undefined)
  );
}

/** Commands that only look: what a group is tried with. Of those that act, none is put into anybody's hands. */
const harmless: ReadonlySet<string> = new Set(["list", "show", "status"]);

/** The command with all that it must have, as it can be typed; null for a group of commands that all act. */
function exampleOf(command: Command): string | null {
  if (command.commands.length > 0) {
    const looking = command.commands.find((one) => harmless.has(one.name()));
    return looking === undefined ? null : exampleOf(looking);
  }
  const args = command.registeredArguments
    .filter(({ required }) => required)
    .map((argument) => examples[argument.name()] ?? `<${argument.name()}>`);
  const options = command.options
    .filter(({ mandatory }) => mandatory)
    .map((option) => `${option.long} ${exampleFor(option) ?? `<${placeholderOf(option)}>`}`);
  return [typedPath(command), ...args, ...options].join(" ");
}

function knownOptions(command: Command): string {
  const own = command.options.flatMap(({ long, hidden }) => (hidden || long == null ? [] : [long]));
  return own.length === 0 ? "no option" : `one of ${own.join(", ")}`;
}

const subcommands = ({ commands }: Command): string =>
  `one of ${commands.map((one) => one.name()).join(", ")}`;

function argumentCount({ registeredArguments: known }: Command): string {
  if (known.length === 0) return "no words behind it; a value of several words goes between quotation marks";
  return `only ${known.map((argument) => `<${argument.name()}>`).join(" ")}; what holds blanks goes between quotation marks`;
}
