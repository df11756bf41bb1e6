/** What names something cannot be empty: an empty path would be the current folder, as a script's unset variable makes it. */
import type { Command } from "commander";
import { type NodeError, usage } from "../node/fault.ts";
import { argumentWords, optionWords, pathOf } from "./misuse.ts";

/** Placeholders of words that name a thing, a partner or a file. */
const naming: ReadonlySet<string> = new Set([
  "backup",
  "file",
  "folder",
  "id",
  "invitation",
  "name",
  "partner",
  "partners",
  "ref",
  "request",
  "token-id",
  "url",
]);

/** @throws {NodeError} usage: for an argument or an option that names something and is empty. */
export function assertNoneEmpty(command: Command): void {
  for (const [index, argument] of command.registeredArguments.entries())
    if (isEmpty(argument.name(), command.processedArgs[index]))
      throw empty(command, `<${argument.name()}>`, argumentWords(argument));
  for (let from: Command | null = command; from !== null; from = from.parent)
    for (const option of from.options) {
      const name = option.attributeName();
      if (!isEmpty(/<([^>.]+)/.exec(option.flags)?.[1] ?? "", from.getOptionValue(name))) continue;
      const isVariable = from.getOptionValueSource(name) === "env";
      throw empty(command, (isVariable ? option.envVar : option.long) ?? option.flags, optionWords(option));
    }
}

const isEmpty = (placeholder: string, value: unknown): boolean =>
  naming.has(placeholder) && [value].flat().some((word) => typeof word === "string" && word.trim() === "");

const empty = (command: Command, about: string, expected: string): NodeError =>
  usage(`${about}: got an empty text, expected ${expected}`, `${pathOf(command)} --help`);
