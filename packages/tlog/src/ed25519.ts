/**
 * Handfast-Ed25519: which keys and signatures count, decided here and not by a version of Node.
 *
 * Ed25519 libraries disagree on odd keys and signatures, and where nodes disagree on what is signed
 * their histories part. So a key is taken only if it is a canonical point of prime order (checked
 * once, at admission), a signature only if S < L and R is canonical and not of small order; then
 * the cofactorless equation is checked, on which all libraries agree (by `node:crypto`, or by our own in a browser).
 */
import { equationHolds, type ParsedKey, parseKey } from "#runtime";
import { sameBytes } from "./bytes.ts";
import {
  bytesOf,
  decodePoint,
  fieldPrime,
  groupOrder,
  isIdentity,
  isTorsionFree,
  littleEndian,
  type PointRefusal,
} from "./curve.ts";
import { type Refusal, refuse } from "./refusal.ts";

export const publicKeyLength = 32;
export const signatureLength = 64;

/** A key that passed `admitKey`. Keep it: admission costs as much as eight verifications. */
export type PublicKey = {
  /** The 32 bytes of RFC 8032 section 5.1.2. */
  readonly bytes: Uint8Array;
  /** The same key in the form in which signatures are checked. */
  readonly parsed: ParsedKey;
};

export type KeyRefusal = "not-32-bytes" | PointRefusal | "identity" | "not-prime-order";
export type SignatureRefusal =
  | "not-64-bytes"
  | "s-not-below-order"
  | "r-not-canonical"
  | "r-small-order"
  | "equation";

/** Something that signs: a key in this process, or one in a module that never gives it out. */
export type Signer = {
  readonly publicKey: PublicKey;
  /** The 64 bytes of RFC 8032 section 5.1.6 over exactly these bytes. */
  readonly sign: (message: Uint8Array) => Uint8Array;
};

/** Decides whether 32 foreign bytes are a key. Takes about a millisecond; keys that were found good are remembered. */
export function admitKey(
  bytes: Uint8Array,
): { readonly ok: true; readonly key: PublicKey } | Refusal<KeyRefusal> {
  if (bytes.length !== publicKeyLength) return refuse("not-32-bytes");
  const name = bytes.toHex();
  const known = admitted.get(name);
  if (known !== undefined) return { ok: true, key: known };
  const point = decodePoint(bytes);
  if (typeof point === "string") return refuse(point);
  if (isIdentity(point)) return refuse("identity");
  if (!isTorsionFree(point)) return refuse("not-prime-order");
  const own = Uint8Array.from(bytes);
  const key: PublicKey = { bytes: own, parsed: parseKey(own) };
  if (admitted.size >= rememberedKeys) admitted.clear();
  admitted.set(name, key);
  return { ok: true, key };
}

/** A log's keys are met again by the gate, in statements, and each time a ledger reads itself back. */
const admitted = new Map<string, PublicKey>();
const rememberedKeys = 1_024;

/** Whether this signature over exactly these bytes counts. Total: odd signatures are `false`. */
export function verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return checkSignature(key, message, signature).ok;
}

/** As `verify`, and says what is wrong: for tests, audits and operators. */
export function checkSignature(
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
): { readonly ok: true } | Refusal<SignatureRefusal> {
  if (signature.length !== signatureLength) return refuse("not-64-bytes");
  if (!isBelow(signature.subarray(32), orderBytes)) return refuse("s-not-below-order");
  const r = Uint8Array.from(signature.subarray(0, 32));
  r[31] = (r[31] as number) & 0x7f;
  if (!isBelow(r, primeBytes)) return refuse("r-not-canonical");
  if (smallOrderY.some((y) => sameBytes(y, r))) return refuse("r-small-order");
  return equationHolds(key.parsed, message, signature) ? { ok: true } : refuse("equation");
}

const orderBytes = bytesOf(groupOrder);
const primeBytes = bytesOf(fieldPrime);

/** The y of the eight points of small order: orders 4, 1, 2, and the two of order 8. The sign of x is masked off. */
const smallOrderY: readonly Uint8Array[] = [
  0n,
  1n,
  fieldPrime - 1n,
  littleEndian(Uint8Array.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
  littleEndian(Uint8Array.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
].map(bytesOf);

/** Compares two numbers of 32 bytes, lowest byte first. */
function isBelow(left: Uint8Array, right: Uint8Array): boolean {
  for (let index = 31; index >= 0; index -= 1) {
    const difference = (left[index] as number) - (right[index] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
