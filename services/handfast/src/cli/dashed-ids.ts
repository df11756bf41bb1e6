/**
 * Words that begin with `-` and are not options: refs, as those of one log in 64 do that release 0.1.0 opened, and whatever partners and
 * other systems call things. Commander takes such a word for an option; here it is an argument or a value wherever it stands, so that
 * every id and name the command line prints can be given back to it as it is. A word that reads like an option goes behind `--`.
 */
import { EventEmitter } from "node:events";
import { Command } from "commander";

/** The only options of one letter. */
const shortOptions: ReadonlySet<string> = new Set(["-h", "-V"]);
/** Every other option is two hyphens and small letters, with its value behind `=` or not. */
const longOption = /^--(?:[a-z][a-z-]*(?:=|$)|$)/;
const isDashed = (word: string): boolean =>
  word.length > 1 && word.startsWith("-") && !shortOptions.has(word) && !longOption.test(word);
/** No argument of a process holds it, so it marks a word without doubt. */
const mark = "\0";

const marked = (word: string): string => (isDashed(word) ? `${mark}${word}` : word);
const unmarked = (word: string): string => (word.startsWith(mark) ? word.slice(mark.length) : word);

/** A command of Commander, and all below it, that tell such words from options. */
export class DashedIdCommand extends Command {
  override createCommand(name?: string): DashedIdCommand {
    return new DashedIdCommand(name);
  }

  override parseOptions(argv: string[]): ReturnType<Command["parseOptions"]> {
    const { operands, unknown } = super.parseOptions(argv.map(marked));
    return { operands: operands.map(unmarked), unknown: unknown.map(unmarked) };
  }

  /** How Commander hands an option its value: its commands are emitters, which their types do not say. */
  emit(event: string | symbol, ...values: unknown[]): boolean {
    const plain = values.map((value) => (typeof value === "string" ? unmarked(value) : value));
    return EventEmitter.prototype.emit.call(this as unknown as EventEmitter, event, ...plain);
  }
}
