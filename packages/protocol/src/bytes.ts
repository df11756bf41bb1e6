/**
 * Bytes as text: base64url without padding (canonical), UTF-8 (strict), SHA-256 with a label. The same in Node and in a browser;
 * only how the bytes are turned differs (`runtime/`).
 */
import { fromBase64url, sha256 as sha256Of, toBase64url } from "#runtime";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export const toBytes = (text: string): Uint8Array => encoder.encode(text);

/** Text of UTF-8 bytes, or null where they are not strict UTF-8 (a byte order mark is kept, so the gate sees it). */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    // The only fault `fatal` raises is the one asked about.
    return null;
  }
}

export const toB64u = (bytes: Uint8Array): string => toBase64url(bytes);

/** Bytes of canonical base64url without padding, or null. */
export const fromB64u = (text: string): Uint8Array | null => fromBase64url(text);

/** SHA-256, 32 bytes. */
export const sha256 = (bytes: Uint8Array | string): Uint8Array =>
  sha256Of(typeof bytes === "string" ? toBytes(bytes) : bytes);

/** SHA-256 over `label` NUL `parts`: one label a use, so that no hash of one kind passes for another. */
export const labelledHash = (label: string, ...parts: readonly (Uint8Array | string)[]): Uint8Array =>
  sha256Of(joined([label, "\0", ...parts].map((part) => (typeof part === "string" ? toBytes(part) : part))));

/** One run of bytes. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}
