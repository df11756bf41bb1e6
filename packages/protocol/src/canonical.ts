/**
 * Exact bytes: JSON in RFC 8785 form, and the gate that foreign bytes pass before anyone looks at them.
 *
 * Verify bytes, then parse; never parse, re-serialise, verify. What is written here is hashed, stored and shipped as it
 * is; what comes in is believed to be JSON only when it is the very text our encoder would have written.
 */
import canonicalize from "canonicalize";
import type { z } from "zod";
import { fromUtf8 } from "./bytes.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * RFC 8785 text of a plain JSON value.
 *
 * @throws {TypeError} For what is not plain JSON (undefined, Map, Date, toJSON, NaN, lone surrogates): a bug of the caller.
 */
export function canonicalText(value: Json): string {
  assertPlain(value, 0);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("not a JSON value");
  return text;
}

function assertPlain(value: unknown, depth: number): void {
  if (depth > 64) throw new TypeError("nested too deep");
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (!isPlain(value)) throw new TypeError("not plain JSON");
  for (const item of Object.values(value)) assertPlain(item, depth + 1);
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  (Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value)));

/** Why bytes did not pass: the protocol's codes, in the order in which they are checked. */
export type GateCode = "malformed" | "version" | "not-canonical" | "schema";
export type Gated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: GateCode; readonly detail: string };

const no = (code: GateCode, detail: string) => ({ ok: false, code, detail }) as const;

/** Size, strict UTF-8, depth, JSON, canonical form: everything of the gate but the schema. */
export function gateJson(
  bytes: Uint8Array,
  limit: { readonly bytes: number; readonly depth: number },
): Gated<Json> & { readonly text?: string } {
  if (bytes.length > limit.bytes) return no("malformed", `larger than ${limit.bytes} bytes`);
  const text = fromUtf8(bytes);
  if (text === null) return no("malformed", "not UTF-8");
  if (isDeeperThan(text, limit.depth)) return no("malformed", `nested deeper than ${limit.depth}`);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    // The parser's message quotes the input; the code says enough.
    return no("malformed", "not JSON");
  }
  let again: string | undefined;
  try {
    again = canonicalize(value);
  } catch {
    // Lone surrogates: JSON has them, RFC 8785 does not.
    return no("not-canonical", "a lone surrogate");
  }
  if (again !== text) return no("not-canonical", "not the text RFC 8785 prescribes");
  if (text.includes('"__proto__"')) return no("schema", "a member named __proto__");
  return { ok: true, value, text };
}

/** The whole gate: exact JSON within the limits that also fits `schema`. */
export function gate<T extends z.ZodType>(
  bytes: Uint8Array,
  schema: T,
  limit: { readonly bytes: number; readonly depth: number },
): Gated<z.infer<T>> {
  const json = gateJson(bytes, limit);
  return json.ok ? fits(json.value, schema) : json;
}

/** The schema alone, for a value that came through `gateJson`. */
export function fits<T extends z.ZodType>(value: Json, schema: T): Gated<z.infer<T>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return no("schema", `${issue?.path.join(".") || "value"}: ${issue?.message ?? "does not fit"}`);
}

/** Bounded before parsing: brackets outside strings, counted without recursion. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (quoted) {
      if (unit === 0x5c) index++;
      else if (unit === 0x22) quoted = false;
    } else if (unit === 0x22) quoted = true;
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > limit) return true;
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return false;
}
