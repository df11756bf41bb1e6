/**
 * Checks of `x`, made from the schemas of `events.json`. Only the keywords which that document uses are known; another
 * one is a document of a later release, and is refused when the program starts rather than passed over.
 *
 * The document's definitions (refs, keys, texts, days) are our own readings of what it describes in words: a JSON
 * schema cannot say that base64url has one spelling or that a text is in NFC.
 */
import { isB64u } from "../b64u.ts";
import { isDay } from "../day.ts";
import { isPartnerId } from "../multikey.ts";
import { isText } from "../name.ts";
import { isPinnedRef, isPlainRef } from "../ref.ts";

export type Check = (value: unknown) => boolean;

/** A schema of the document. */
export type Schema = { readonly [keyword: string]: unknown };

const definitions: Readonly<Record<string, Check>> = {
  day: isDay,
  hash: (value) => isB64u(value, 32),
  "log-id": (value) => isB64u(value, 16),
  multikey: isPartnerId,
  "note-signature": (value) => isB64u(value, 68),
  "pinned-ref": isPinnedRef,
  ref: isPlainRef,
  "text-16": (value) => isText(value, 16),
  "text-32": (value) => isText(value, 32),
  "text-64": (value) => isText(value, 64),
  "text-200": (value) => isText(value, 200),
};

/** The check that a schema stands for. @throws {Error} When the schema says something this release does not know. */
export function createCheck(schema: Schema): Check {
  const { $ref, anyOf, type, description: _forPeople, ...rest } = schema;
  if (typeof $ref === "string") return definitionOf($ref);
  if (Array.isArray(anyOf)) {
    const checks = (anyOf as Schema[]).map(createCheck);
    return (value) => checks.some((check) => check(value));
  }
  switch (type) {
    case "object":
      return objectCheck(rest);
    case "array":
      return listCheck(rest);
    case "string":
      return stringCheck(rest);
    case "integer":
      return integerCheck(rest);
    case "boolean":
      expectOnly(rest, "");
      return (value) => typeof value === "boolean";
    default:
      throw new Error(`events.json: a schema of type ${String(type)}`);
  }
}

function definitionOf(ref: string): Check {
  const check = definitions[ref.replace("#/$defs/", "")];
  if (check === undefined) throw new Error(`events.json: ${ref} is not a definition of this release`);
  return check;
}

function expectOnly(schema: Schema, known: string): void {
  const unknown = Object.keys(schema).find((keyword) => !known.split(" ").includes(keyword));
  if (unknown !== undefined) throw new Error(`events.json: the keyword ${unknown} is not known`);
}

function objectCheck(schema: Schema): Check {
  expectOnly(schema, "properties required additionalProperties");
  const properties = Object.entries(schema["properties"] as Record<string, Schema>);
  const required = new Set(schema["required"] as readonly string[] | undefined);
  const members = properties.map(([name, of]) => {
    return { name, check: createCheck(of), isOptional: !required.has(name) };
  });
  const isClosed = schema["additionalProperties"] === false;
  const names = new Set(properties.map(([name]) => name));
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const x = value as Readonly<Record<string, unknown>>;
    for (const { name, check, isOptional } of members) {
      const member = x[name];
      if (member === undefined ? !isOptional : !check(member)) return false;
    }
    return !isClosed || Object.keys(x).every((name) => names.has(name));
  };
}

function listCheck(schema: Schema): Check {
  expectOnly(schema, "items minItems maxItems uniqueItems");
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, uniqueItems = false } = schema;
  const check = createCheck(schema["items"] as Schema);
  return (value) => {
    if (!Array.isArray(value) || value.length < Number(minItems) || value.length > Number(maxItems))
      return false;
    return (
      value.every((item) => check(item)) && (uniqueItems !== true || new Set(value).size === value.length)
    );
  };
}

function stringCheck(schema: Schema): Check {
  expectOnly(schema, "const enum maxLength");
  const { const: only, enum: words, maxLength = Number.POSITIVE_INFINITY } = schema;
  const allowed = only === undefined ? (words as readonly unknown[] | undefined) : [only];
  return (value) =>
    typeof value === "string" &&
    value.length <= Number(maxLength) &&
    (allowed === undefined || allowed.includes(value));
}

function integerCheck(schema: Schema): Check {
  expectOnly(schema, "minimum maximum");
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema;
  return (value) =>
    Number.isSafeInteger(value) && Number(value) >= Number(minimum) && Number(value) <= Number(maximum);
}
