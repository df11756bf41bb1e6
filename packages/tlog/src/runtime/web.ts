/**
 * Hashes, base64 and the Ed25519 equation where there is no Node. WebCrypto has hash and equation too, but only asynchronously; a
 * verification takes a few milliseconds here, and a page verifies few.
 */
import { sha256 as digest, sha512 } from "@noble/hashes/sha2.js";
import {
  add,
  basePoint,
  decodePoint,
  encodePoint,
  groupOrder,
  littleEndian,
  negate,
  type Point,
  times,
} from "../curve.ts";

export const sha256 = (bytes: Uint8Array): Uint8Array => digest(bytes);

export const toBase64 = (bytes: Uint8Array): string => bytes.toBase64();

/** Bytes of a text in the one canonical spelling, with padding; else null. */
export function fromBase64(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.fromBase64(text);
    return bytes.toBase64() === text ? bytes : null;
  } catch {
    // The only fault it raises is a text that is not base64.
    return null;
  }
}

/** A public key's bytes and its point. */
export type ParsedKey = { readonly bytes: Uint8Array; readonly point: Point };

/** @param bytes 32 bytes that the key rule has admitted. */
export function parseKey(bytes: Uint8Array): ParsedKey {
  const point = decodePoint(bytes);
  if (typeof point === "string") throw new TypeError(`not an admitted key: ${point}`);
  return { bytes, point };
}

/** Whether the cofactorless equation holds (RFC 8032 section 5.1.7), for a key and a signature that the rule has admitted. */
export function equationHolds(key: ParsedKey, message: Uint8Array, signature: Uint8Array): boolean {
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const hashed = sha512.create().update(r).update(key.bytes).update(message).digest();
  const k = littleEndian(hashed) % groupOrder;
  const expected = encodePoint(add(times(basePoint, s), times(negate(key.point), k)));
  return expected.every((byte, index) => byte === r[index]);
}
