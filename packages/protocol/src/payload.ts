/**
 * The payload: what people wrote. It is salted, so that its hash in the header reveals nothing, and kept apart, so that deleting
 * salt and body is redaction and every proof still verifies.
 */
import { labelledHash, toB64u, toBytes } from "./bytes.ts";
import { canonicalText, type Gated, gateJson, type Json } from "./canonical.ts";
import { limits } from "./limits.ts";

/** `body` is the canonical JSON text of an object; `salt` 32 random bytes. */
export type Payload = { readonly salt: Uint8Array; readonly body: Uint8Array };
export type PayloadCommitment = { readonly hash: string; readonly size: number };

export const commitmentTo = ({ salt, body }: Payload): PayloadCommitment => ({
  hash: toB64u(labelledHash("handfast/payload/v1", salt, body)),
  size: body.length,
});

/**
 * @param salt 32 unpredictable bytes.
 * @throws {RangeError} When the body is larger than the limit: the edge let too much in.
 */
export function sealPayload(
  body: { readonly [key: string]: Json },
  salt: () => Uint8Array = nextSalt,
): Payload {
  const bytes = toBytes(canonicalText(body));
  if (bytes.length > limits.payloadBytes) throw new RangeError(`payload of ${bytes.length} bytes`);
  return { salt: salt(), body: bytes };
}

/** One call for randomness costs as much for a thousand bytes as for 32. */
let pool = new Uint8Array();
function nextSalt(): Uint8Array {
  if (pool.length === 0) pool = crypto.getRandomValues(new Uint8Array(32 * saltsAtOnce));
  const salt = pool.slice(0, 32);
  pool = pool.subarray(32);
  return salt;
}
const saltsAtOnce = 64;

/** Parses a body that matched its header; refuses what is not an object, which is its author's fault and loses nothing. */
export function readBody(body: Uint8Array): Gated<{ readonly [key: string]: Json }> {
  const json = gateJson(body, { bytes: limits.payloadBytes, depth: limits.payloadDepth });
  if (!json.ok) return json;
  if (json.value === null || typeof json.value !== "object" || Array.isArray(json.value)) {
    return { ok: false, code: "schema", detail: "not an object" };
  }
  return { ok: true, value: json.value as { readonly [key: string]: Json } };
}
