/**
 * A command's flags, read off the schema of its body: one source for HTTP, OpenAPI and the command line, so that a field
 * added to the protocol has its flag at once. Values are only shaped here (text, number, list); the schema itself judges them.
 */
import type { z } from "zod";

export type Flag = {
  /** Member of the body. */
  readonly member: string;
  /** `--ack-by <day>`. */
  readonly flag: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly shape: "text" | "number" | "boolean" | "list";
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
  const choices =
    definition.type === "enum"
      ? Object.values(definition.entries ?? {})
      : definition.type === "literal"
        ? definition.values?.map(String)
        : undefined;
  const word = shape === "list" ? "values..." : (choices?.join("|") ?? wordOf(member, shape));
  return {
    member,
    flag: `--${member.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} <${word}>`,
    description: schema.description ?? inner.description ?? "",
    isRequired,
    shape,
    ...(choices === undefined ? {} : { choices }),
  };
}

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

const wordOf = (member: string, shape: Flag["shape"]): string => {
  if (shape === "boolean") return "true|false";
  if (/due|until|by$/i.test(member)) return "YYYY-MM-DD";
  return shape === "number" ? "number" : member === "to" || member === "debtor" ? "partner" : "text";
};

/** The body's member as the flag's words say; the schema judges whether it fits. */
export function memberValue(flag: Flag, given: string | readonly string[]): unknown {
  if (flag.shape === "list") {
    const items = [given].flat().flatMap((item) => item.split(","));
    // `--carry all` is a word where a list may stand.
    return items.length === 1 && items[0] === "all" ? "all" : items;
  }
  const text = typeof given === "string" ? given : given.join(" ");
  if (flag.shape === "number") return text.trim() === "" ? text : Number(text);
  if (flag.shape === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}
