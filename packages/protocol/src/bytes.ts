/**
 * Bytes as text: base64url without padding (canonical), UTF-8 (strict), SHA-256 with a label.
 */
import { hash } from "node:crypto";

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

export const toB64u = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

/** Bytes of canonical base64url without padding, or null. */
export function fromB64u(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? new Uint8Array(bytes) : null;
}

/** SHA-256, 32 bytes. */
export const sha256 = (bytes: Uint8Array | string): Uint8Array =>
  new Uint8Array(hash("sha256", bytes, "buffer"));

/** SHA-256 over `label` NUL `parts`: one label a use, so that no hash of one kind passes for another. */
export function labelledHash(label: string, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const all = [label, "\0", ...parts].map((part) =>
    typeof part === "string" ? Buffer.from(part, "utf8") : part,
  );
  return sha256(Buffer.concat(all));
}
