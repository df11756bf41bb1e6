/**
 * JSON at the edge of the bus: bytes become a value only through a schema, once, where they arrive.
 *
 * For messages between the services of one node. What comes from peers has a stricter gate (exact
 * canonical bytes), which is not here.
 */

/** A strict schema; every zod schema is one. */
export interface Schema<Value> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: Value } | { readonly success: false; readonly error: unknown };
}

/** `malformed`: not UTF-8 or not JSON. `schema`: JSON of another shape; `error` says where. */
export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: "malformed" | "schema"; readonly error: unknown };

const encoder = new TextEncoder();

/** Writes a value of our own. The compiler knows its shape, and its reader checks it: it is not checked here as well. */
export const encodeJson = <Value extends object | null>(value: Value): Uint8Array =>
  encoder.encode(JSON.stringify(value));

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads bytes that claim to be JSON of a schema. The size was limited where they arrived. */
export function decodeJson<Value>(schema: Schema<Value>, bytes: Uint8Array): Decoded<Value> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(strictUtf8.decode(bytes));
  } catch (error) {
    return { ok: false, refusal: "malformed", error };
  }
  const checked = schema.safeParse(parsed);
  return checked.success
    ? { ok: true, value: checked.data }
    : { ok: false, refusal: "schema", error: checked.error };
}
