/** How an import reads the names of its file: by the options of the command line, each of which must name somebody. */

import { matchPartner, splitNames, withSingleBlanks } from "@handfast/api/partner-name";
import { usage } from "../node/fault.ts";
import { cleanText } from "./clean-fact.ts";
import { createNaming, type Naming } from "./naming.ts";
import type { Line } from "./read-history.ts";

export type NameOptions = {
  readonly lines: readonly Line[];
  /** For messages. */
  readonly file: string;
  /** This node's partner. */
  readonly self: string;
  readonly members: readonly string[];
  /** Names in the file that mean `self`. */
  readonly as: readonly string[];
  /** Names in the file that mean other partners. */
  readonly names: ReadonlyMap<string, string>;
  /** Of the partners, those that take part; none: all of them. */
  readonly only: readonly string[];
};

/** @throws {NodeError} usage: a name that means nobody, or a file in which this partner does not occur. */
export function chooseNames({ lines, file, self, members, as, names, only }: NameOptions): Naming {
  const inFile = namesIn(lines);
  const partners = [...new Set([self, ...members])];
  const own = as.map(cleanText);
  const spaced = new Set([...inFile].map(withSingleBlanks));
  for (const name of own)
    if (!spaced.has(withSingleBlanks(name)))
      throw usage(`--as: no line of ${file} is by ${name} or hands over to it`, listOf(inFile));
  for (const name of own) assertNotAnother("--as", name, self, partners);
  for (const [name, partner] of names)
    if (!partners.includes(partner))
      throw usage(`--names: ${partner}, for ${name}, is not a partner of this network`, listOf(partners));
  for (const [name, partner] of names) assertNotAnother("--names", name, partner, partners);
  const naming = createNaming(partners, new Map([...names, ...own.map((name) => [name, self] as const)]));
  if (![...inFile].some((name) => meansOneOf(naming, name, [self])))
    throw usage(`no line of ${file} is by ${self} or hands over to it`, `--as <name>; ${listOf(inFile)}`);
  if (only.length === 0) return naming;
  const gap = only.find((item) => item.split(",").some((part) => part.trim() === ""));
  if (gap !== undefined)
    throw usage(`--only: got ${JSON.stringify(gap)}, in which an item is empty`, listOf(partners));
  const chosen = splitNames(only, (name) => inFile.has(name) || partners.includes(name)).map((name) => {
    const named = naming(cleanText(name));
    if ("partner" in named) return named.partner;
    throw usage(`--only: ${name} is not a partner of this network`, listOf(partners));
  });
  return (name) => {
    const named = naming(name);
    return meansOneOf(naming, name, [self, ...chosen]) ? named : { missing: name, candidates: [] };
  };
}

/** What a member did is told by itself: no alias gives it to another. @throws {NodeError} usage */
function assertNotAnother(option: string, name: string, meant: string, partners: readonly string[]): void {
  const match = matchPartner(
    name,
    partners.map((partner) => ({ name: partner })),
  );
  if (!("found" in match) || !match.isExact || match.found.name === meant) return;
  throw usage(
    `${option}: ${name} is a partner of this network itself, and what it did is not ${meant}'s`,
    `leave it out; ${match.found.name} imports its own lines by its own node`,
  );
}

function meansOneOf(naming: Naming, name: string, partners: readonly string[]): boolean {
  const named = naming(name);
  return "partner" in named && partners.includes(named.partner);
}

const namesIn = (lines: readonly Line[]): ReadonlySet<string> =>
  new Set(
    lines.flatMap((line) => {
      if (!("fact" in line)) return [];
      return line.fact.fact === "lead.changed" ? [line.fact.partner, line.fact.to] : [line.fact.partner];
    }),
  );

/** As many names as fit into a hint. */
const maxNames = 20;

function listOf(names: Iterable<string>): string {
  const all = [...names];
  const more = all.length > maxNames ? ` and ${all.length - maxNames} more` : "";
  return `names are: ${all.slice(0, maxNames).join("; ")}${more}`;
}
