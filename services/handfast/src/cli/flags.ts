/**
 * A command's flags, read off the schema of its body: one source for HTTP, OpenAPI and the command line, so that a field
 * added to the protocol has its flag at once. Values are only shaped here (text, number, list); the schema itself judges them.
 */
import type { Verb } from "@handfast/api/verb";
import { verbs } from "@handfast/api/verbs";
import { formats } from "@handfast/protocol/formats";
import type { z } from "zod";

export type Flag = {
  /** Member of the body. */
  readonly member: string;
  /** `--ack-by <day>`. */
  readonly flag: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly shape: "text" | "number" | "boolean" | "list";
  /** Of a list: its items are ids, which hold no commas. */
  readonly holdsIds: boolean;
  readonly choices?: readonly string[];
};

type Definition = {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, string>>;
};
const definitionOf = (schema: z.ZodType): Definition => schema.def as unknown as Definition;

/** Where a terminal speaks otherwise than HTTP, or has to say what a body need not. */
const spoken: Readonly<Record<string, string>> = {
  occurredAt:
    "When it happened, a day or an RFC 3339 instant, not in the future, for facts recorded elsewhere first; it waives nothing",
  imported:
    "Whether it is imported from elsewhere, with --occurred-at: a day that is over, or a beginning without promises, is then no obstacle, and the answer says what was waived",
  beneficiaries: "Partners by name, an initiative by its id here or elsewhere, or network",
  confirmers: "Partners by name who may confirm that it was kept; default: those it is for",
  debtor: "The partner that is asked to promise, by name",
  title: "What it is, in one line",
  text: "More about it, as long as needed",
  reason: "Why, in your own words",
  origin: "The id of what it came from, such as a challenge or an initiative",
  terms: "The terms you mean (<id>@<hash>, as `show` lists them); needed only where several fit",
  criteria: "Criteria of the terms, each a word of its own",
};
/** What a member means whose schema does not say it; by its word as well, where two members of one name differ. */
const meanings: Readonly<Record<string, string>> = {
  accept: "The acceptance you mean, by its id as `show` lists it; needed only where several are open",
  ackBy: "The day by which you hope that somebody acknowledges it",
  "as full|partial": "Whether all of it was kept or a part; default: full",
  "as lead|co|shadow": "What you would do; default: lead",
  "as text": "A sign such as an emoji, or a word of at most 16 characters; none takes it back",
  "as seen|understood|agree|cannot": "Your word; default: seen",
  "as challenge|commitment|initiative": "What you would make of it",
  base: "The terms you answer (<id>@<hash>, as `show` lists them); needed only where several are open",
  due: "The day it is due",
  evidence: "What shows it, such as the address of a document",
  externalStatus: "The word for its state where it was recorded first",
  needs: "What you would need to do so",
  offer: "The offer you mean, by its id as `show` lists it",
  pack: "What the next lead should know, as long as needed",
  "part number": "How much of it, in percent from 1 to 100",
  "part text": "The part of it that you offer, in one line",
  problem: "The problem it is to solve",
  seat: "open: nobody leads it until a partner takes the seat",
  success: "How you will see that it succeeded",
  "to partner": "A partner, by name",
  "to values...": "Partners, by name",
  from: "The text that it came from, by its id",
  reviewOn: "The day on which you will look at it again",
  note: "What you want to add",
  trialUntil: "The last day of the trial, if the lead is handed over on trial",
  until: "The last day for accepting the offer",
  wanted: "What help you want",
  yes: "Whether you vote for it",
};
/** What a flag that was left out means. */
const defaults: Readonly<Record<string, string>> = {
  beneficiaries: "default: network, so the promise binds you to all members",
};

/** Members that no flag sets: the verb says what the act is. */
const silent = new Set(["act"]);

export function flagsOf(body: z.ZodObject): readonly Flag[] {
  return Object.entries(body.shape as Readonly<Record<string, z.ZodType>>)
    .filter(([member]) => !silent.has(member))
    .map(([member, schema]) => flagOf(member, schema));
}

function flagOf(member: string, schema: z.ZodType): Flag {
  const { inner, isRequired } = unwrap(schema);
  const definition = definitionOf(inner);
  const shape = shapeOf(inner);
  const hasDefault = definitionOf(schema).type === "default";
  const choices =
    definition.type === "enum"
      ? Object.values(definition.entries ?? {})
      : definition.type === "literal"
        ? definition.values?.map(String)
        : undefined;
  const word = shape === "list" ? "values..." : (choices?.join("|") ?? wordOf(member, shape));
  const description =
    spoken[member] ??
    schema.description ??
    inner.description ??
    meanings[`${member} ${word}`] ??
    meanings[member] ??
    "";
  return {
    member,
    flag: `${nameOf(member)} <${word}>`,
    description: hasDefault && member in defaults ? `${description}; ${defaults[member]}` : description,
    isRequired,
    shape,
    holdsIds: shape === "list" && holdsIds(inner),
    ...(choices === undefined ? {} : { choices }),
  };
}

/** `--ack-by` of the member `ackBy`. */
export const nameOf = (member: string): string =>
  `--${member.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** A text of the node's, in which members of a body (`terms`) are written as the options they are here (--terms). */
export const withFlags = (text: string): string =>
  text.replaceAll(/`(\w+)`/g, (quoted, member: string) => (members.has(member) ? nameOf(member) : quoted));

const members: ReadonlySet<string> = new Set(
  Object.values<Verb>(verbs).flatMap(({ body }) => Object.keys(body.shape)),
);

function unwrap(schema: z.ZodType): { readonly inner: z.ZodType; readonly isRequired: boolean } {
  const definition = definitionOf(schema);
  if (
    (definition.type === "optional" || definition.type === "default") &&
    definition.innerType !== undefined
  ) {
    return { inner: unwrap(definition.innerType).inner, isRequired: false };
  }
  return { inner: schema, isRequired: true };
}

function shapeOf(schema: z.ZodType): Flag["shape"] {
  const definition = definitionOf(schema);
  switch (definition.type) {
    case "number":
    case "int":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
      return "list";
    case "union":
      return definition.options?.some((option) => shapeOf(option) === "list") === true ? "list" : "text";
    default:
      return "text";
  }
}

function holdsIds(schema: z.ZodType): boolean {
  const { type, element, options } = definitionOf(schema);
  if (type === "array" && element !== undefined) return holdsIds(element);
  if (type === "union") return options?.some(holdsIds) === true;
  return formatOf(schema) !== undefined;
}

/** `ref`, `line-ref`, `pinned-ref` or `multikey`, also behind checks and descriptions. */
function formatOf(schema: z.ZodType): string | undefined {
  for (let from: z.ZodType | undefined = schema; from !== undefined; from = from._zod.parent as typeof from) {
    const id = formats.get(from)?.id;
    if (id === "ref" || id === "line-ref" || id === "pinned-ref" || id === "multikey") return id;
  }
  return undefined;
}

const wordOf = (member: string, shape: Flag["shape"]): string => {
  if (member === "occurredAt") return "moment";
  if (shape === "boolean") return "true|false";
  if (/due|until|by$/i.test(member)) return "YYYY-MM-DD";
  return shape === "number" ? "number" : member === "to" || member === "debtor" ? "partner" : "text";
};

/**
 * The body's member as the flag's words say; the schema judges whether it fits. Ids part at commas; other lists take their words as
 * they are, since what people write may hold a comma.
 */
export function memberValue(flag: Flag, given: string | readonly string[]): unknown {
  if (flag.shape === "list") {
    const items = [given].flat().map((item) => item.normalize("NFC"));
    // `--carry all` is a word where a list may stand.
    if (items.length === 1 && items[0] === "all") return "all";
    return flag.holdsIds
      ? items.flatMap((item) => item.split(",").map((id) => id.trim())).filter((id) => id !== "")
      : items;
  }
  const text = (typeof given === "string" ? given : given.join(" ")).normalize("NFC");
  if (flag.member === "occurredAt") return /^-?\d+$/.test(text) ? Number(text) : text;
  if (flag.shape === "number") return text.trim() === "" ? text : Number(text);
  if (flag.shape === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}
