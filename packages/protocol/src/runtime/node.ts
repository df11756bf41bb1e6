/** Bytes and hashes as Node does them fastest; `web.ts` does the same with what a browser has. */
import { hash } from "node:crypto";

/**
 * SHA-256. By way of a latin1 string: a small Buffer filled from a string comes out of Node's pool, one filled by `crypto` has an
 * ArrayBuffer of its own, which makes a hash three times as slow (Node 26).
 */
export const sha256 = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(hash("sha256", bytes, "latin1"), "latin1");

export const toBase64url = (bytes: Uint8Array): string => viewOf(bytes).toString("base64url");
export const toBase64 = (bytes: Uint8Array): string => viewOf(bytes).toString("base64");

/** Bytes of a text in the one canonical spelling, without padding; else null. */
export function fromBase64url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? new Uint8Array(bytes) : null;
}

/** Bytes of a text in the one canonical spelling, with padding; else null. */
export function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? new Uint8Array(bytes) : null;
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
