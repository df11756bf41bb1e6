/**
 * The two hashes of an RFC 6962 Merkle tree, over SHA-256 (RFC 9162 section 2.1.1).
 *
 * A leaf is hashed behind 0x00 and a pair behind 0x01, so that no leaf can pass for a pair. An
 * entry's leaf hash is its identity: nothing else in Handfast names an entry by content.
 */
import { sha256 } from "#runtime";
import { sameBytes } from "./bytes.ts";

/** The bytes of every hash in a tree. */
export const hashBytes = 32;

/** Leaves up to this size are hashed without an allocation; a header has at most 4,096 bytes. */
const scratchBytes = 4_096;

const leaf = new Uint8Array(1 + scratchBytes);
const pair = new Uint8Array(1 + 2 * hashBytes);
pair[0] = 0x01;

/** The hash of an entry: SHA-256(0x00 || bytes). `bytes` are the exact bytes as their author wrote them. */
export function leafHash(bytes: Uint8Array): Uint8Array {
  const input =
    bytes.length <= scratchBytes ? leaf.subarray(0, bytes.length + 1) : new Uint8Array(bytes.length + 1);
  input.set(bytes, 1);
  return sha256(input);
}

/** The hash above two hashes: SHA-256(0x01 || left || right). Both have 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1);
  pair.set(right, 1 + hashBytes);
  return sha256(pair);
}

/** The root of a tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** Whether two hashes are the same bytes. Roots are public, so the time it takes tells nobody anything. */
export function sameHash(left: Uint8Array, right: Uint8Array): boolean {
  return sameBytes(left, right);
}
