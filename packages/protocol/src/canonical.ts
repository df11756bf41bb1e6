/**
 * Exact bytes: JSON in RFC 8785 form, and the gate that foreign bytes pass before anyone looks at them.
 *
 * Verify bytes, then parse; never parse, re-serialise, verify. What is written here is hashed, stored and shipped as it
 * is; what comes in is believed to be JSON only when it is the very text our encoder would have written.
 */
import type { z } from "zod";
import { fromUtf8 } from "./bytes.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * RFC 8785 text of a plain JSON value.
 *
 * @throws {TypeError} For what is not plain JSON (undefined, Map, Date, toJSON, NaN, lone surrogates) and for numbers so
 *   large or small that they need an exponent, and for members' names that need an escape: a bug of the caller.
 */
export function canonicalText(value: Json): string {
  assertPlain(value, 0);
  return exactText(value);
}

/** `JSON.stringify` writes texts and numbers as RFC 8785 does; all that is left is the order of members, and what has no text. */
const exactText = (value: Json): string => (isOrdered(value) ? JSON.stringify(value) : sortedText(value));

/** Of a value whose members stand in any order. Sorted by UTF-16 code units, RFC 8785 section 3.2.3. */
function sortedText(value: Json): string {
  if (typeof value === "string") return textOf(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sortedText).join(",")}]`;
  const members = value as { readonly [key: string]: Json };
  const texts = Object.keys(members)
    .sort()
    .map((name) => `${textOf(name)}:${sortedText(members[name] as Json)}`);
  return `{${texts.join(",")}}`;
}

function textOf(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("a lone surrogate");
  return JSON.stringify(text);
}

/** Whether all members are in RFC 8785's order and all texts well-formed, as in all that comes from an honest peer. */
function isOrdered(value: Json): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (value === null || typeof value !== "object") return true;
  if (Array.isArray(value)) return value.every(isOrdered);
  let before = "";
  for (const [name, member] of Object.entries(value)) {
    if (name < before || !name.isWellFormed() || !isOrdered(member)) return false;
    before = name;
  }
  return true;
}

function assertPlain(value: unknown, depth: number): void {
  if (depth > 64) throw new TypeError("nested too deep");
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number" && Number.isFinite(value) && !needsExponent(value)) return;
  if (!isPlain(value)) throw new TypeError("not plain JSON");
  if (!Array.isArray(value) && Object.keys(value).some((name) => escapedByJson.test(name))) {
    throw new TypeError("a member's name that needs an escape");
  }
  for (const item of Object.values(value)) assertPlain(item, depth + 1);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes
const escapedByJson = /["\\\u0000-\u001f]/;

const isPlain = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  (Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value)));

/** Why bytes did not pass: the protocol's codes, in the order in which they are checked. */
export type GateCode = "malformed" | "version" | "not-canonical" | "schema";
type Refused = { readonly ok: false; readonly code: GateCode; readonly detail: string };
export type Gated<T> = { readonly ok: true; readonly value: T } | Refused;

const no = (code: GateCode, detail: string): Refused => ({ ok: false, code, detail });

type Limit = { readonly bytes: number; readonly depth: number };
/** JSON as it was sent, not yet known to be exact. */
export type Parsed = { readonly ok: true; readonly value: Json; readonly text: string };

/** Everything of the gate but the schema. */
export function gateJson(bytes: Uint8Array, limit: Limit): Gated<Json> {
  const parsed = parseJson(bytes, limit);
  return parsed.ok ? exact(parsed) : parsed;
}

/** The first half of the gate: size, strict UTF-8, depth, JSON. */
export function parseJson(bytes: Uint8Array, limit: Limit): Parsed | Refused {
  if (bytes.length > limit.bytes) return no("malformed", `larger than ${limit.bytes} bytes`);
  const text = fromUtf8(bytes);
  if (text === null) return no("malformed", "not UTF-8");
  const found = survey(text, limit.depth);
  if (found === "too-deep") return no("malformed", `nested deeper than ${limit.depth}`);
  if (found === "escaped-name") return no("not-canonical", "a member's name with an escape");
  try {
    return { ok: true, value: JSON.parse(text) as Json, text };
  } catch {
    // The parser's message quotes the input; the code says enough.
    return no("malformed", "not JSON");
  }
}

/** The second half: the one text of its value, without a number or a member that readers might take for another. */
export function exact({ value, text }: Parsed): Gated<Json> {
  let again: string;
  try {
    again = exactText(value);
  } catch {
    // Lone surrogates: JSON has them, RFC 8785 does not.
    return no("not-canonical", "a lone surrogate");
  }
  if (again !== text) return no("not-canonical", "not the text RFC 8785 prescribes");
  if (memberProto.test(text)) return no("schema", "a member named __proto__");
  if (someNumber(value, needsExponent)) return no("schema", "a number with an exponent");
  return { ok: true, value };
}

/** In canonical text a quote inside a string has a backslash before it, so this finds members and no values. */
const memberProto = /(?<!\\)"__proto__":/;

/** Whether RFC 8785 would write the number with an exponent, which the protocol does not have. */
const needsExponent = (number: number): boolean =>
  !Number.isSafeInteger(number) && String(number).includes("e");

/** Whether any number in `value` is as `asked`. The depth was bounded before. */
export function someNumber(value: Json, asked: (number: number) => boolean): boolean {
  if (typeof value === "number") return asked(value);
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some((item) => someNumber(item as Json, asked));
}

/** The whole gate: exact JSON within the limits that also fits `schema`. */
export function gate<T extends z.ZodType>(bytes: Uint8Array, schema: T, limit: Limit): Gated<z.infer<T>> {
  const json = gateJson(bytes, limit);
  return json.ok ? fits(json.value, schema) : json;
}

/** The schema alone, for a value that came through `gateJson`. */
export function fits<T extends z.ZodType>(value: Json, schema: T): Gated<z.infer<T>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  // The names of unknown members are foreign text of any length, and details are logged.
  const message = issue?.code === "unrecognized_keys" ? "an unknown member" : issue?.message;
  return no("schema", `${issue?.path.join(".") || "value"}: ${message ?? "does not fit"}`);
}

/**
 * Looks at the text before any parser does: brackets outside strings are counted without recursion, and a member's name
 * may hold no escape, so none of the characters that JSON escapes (docs/decisions/0008).
 */
function survey(text: string, limit: number): "too-deep" | "escaped-name" | null {
  let depth = 0;
  let found: "escaped-name" | null = null;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === quote) {
      let isEscaped = false;
      for (index++; index < text.length && text.charCodeAt(index) !== quote; index++) {
        if (text.charCodeAt(index) !== backslash) continue;
        isEscaped = true;
        index++;
      }
      colon.lastIndex = index + 1;
      if (isEscaped && colon.test(text)) found = "escaped-name";
    } else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > limit) return "too-deep";
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return found;
}

const quote = 0x22;
const backslash = 0x5c;
/** What makes the string before it a member's name. */
const colon = /[ \t\n\r]*:/y;
