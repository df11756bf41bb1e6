/** Bytes and hashes where there is no Node: standard methods of `Uint8Array`, and SHA-256 in JavaScript, since WebCrypto's is asynchronous. */
import { sha256 as digest } from "@noble/hashes/sha2.js";

export const sha256 = (bytes: Uint8Array): Uint8Array => digest(bytes);

export const toBase64url = (bytes: Uint8Array): string =>
  bytes.toBase64({ alphabet: "base64url", omitPadding: true });
export const toBase64 = (bytes: Uint8Array): string => bytes.toBase64();

/** Bytes of a text in the one canonical spelling, without padding; else null. */
export const fromBase64url = (text: string): Uint8Array | null =>
  decoded(text, { alphabet: "base64url" }, toBase64url);

/** Bytes of a text in the one canonical spelling, with padding; else null. */
export const fromBase64 = (text: string): Uint8Array | null => decoded(text, {}, toBase64);

function decoded(
  text: string,
  options: { readonly alphabet?: "base64url" },
  encode: (bytes: Uint8Array) => string,
): Uint8Array | null {
  try {
    const bytes = Uint8Array.fromBase64(text, options);
    return encode(bytes) === text ? bytes : null;
  } catch {
    // The only fault it raises is a text that is not base64.
    return null;
  }
}
