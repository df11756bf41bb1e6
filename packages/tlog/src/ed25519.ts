/**
 * Handfast-Ed25519: which keys and signatures count, decided here and not by a version of Node.
 *
 * Ed25519 libraries disagree on odd keys and signatures, and where nodes disagree on what is signed
 * their histories part. So a key is taken only if it is a canonical point of prime order (checked
 * once, at admission), a signature only if S < L and R is canonical and not of small order; then
 * `node:crypto` checks the cofactorless equation, on which all agree.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";
import {
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
  /** The same key as OpenSSL parsed it, so that it is parsed once. */
  readonly parsed: KeyObject;
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

/** A signer whose private key lies in memory and can be written to a file. */
export type KeyPair = Signer & {
  /** PKCS #8 in PEM, unencrypted: a secret. */
  readonly exportPem: () => string;
};

/** Decides whether 32 foreign bytes are a key. Takes about a millisecond. */
export function admitKey(
  bytes: Uint8Array,
): { readonly ok: true; readonly key: PublicKey } | Refusal<KeyRefusal> {
  if (bytes.length !== publicKeyLength) return refuse("not-32-bytes");
  const point = decodePoint(bytes);
  if (typeof point === "string") return refuse(point);
  if (isIdentity(point)) return refuse("identity");
  if (!isTorsionFree(point)) return refuse("not-prime-order");
  const own = Uint8Array.from(bytes);
  const parsed = createPublicKey({ key: Buffer.concat([spkiPrefix, own]), format: "der", type: "spki" });
  return { ok: true, key: { bytes: own, parsed } };
}

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
  r[31] = (r[31] ?? 0) & 0x7f;
  if (!isBelow(r, primeBytes)) return refuse("r-not-canonical");
  if (smallOrderY.some((y) => Buffer.compare(y, r) === 0)) return refuse("r-small-order");
  return verifyBytes(null, message, key.parsed, signature) ? { ok: true } : refuse("equation");
}

/** A new key from the system's randomness. */
export function generateKey(): KeyPair {
  return keyPairOf(generateKeyPairSync("ed25519").privateKey);
}

/**
 * A signer from a private key of our own.
 *
 * @param source A seed of 32 bytes (RFC 8032), or PKCS #8 as PEM text or DER bytes.
 * @throws {TypeError} When it is not an Ed25519 private key. The message never contains it.
 */
export function signerFrom(source: string | Uint8Array): KeyPair {
  const isSeed = typeof source !== "string" && source.length === 32;
  const der = isSeed ? Buffer.concat([pkcs8Prefix, source]) : source;
  let key: KeyObject;
  try {
    key =
      typeof der === "string"
        ? createPrivateKey({ key: der, format: "pem" })
        : createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  } catch {
    // The cause may quote the key, so it is dropped.
    throw new TypeError("could not read an Ed25519 private key: expected a 32-byte seed or PKCS #8");
  }
  if (key.asymmetricKeyType !== "ed25519")
    throw new TypeError("could not read an Ed25519 private key: it is of another kind");
  return keyPairOf(key);
}

/** The 32 bytes of a signer's public key, as they go into a multikey or a key id. */
export function publicKeyBytes(signer: Signer): Uint8Array {
  return signer.publicKey.bytes;
}

function keyPairOf(privateKey: KeyObject): KeyPair {
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const admitted = admitKey(spki.subarray(spkiPrefix.length));
  // Every clamped scalar gives a point of prime order (RFC 8032 section 5.1.5), so this is a bug in the curve.
  if (!admitted.ok) throw new Error(`a key of our own was refused: ${admitted.reason}`);
  return {
    publicKey: admitted.key,
    sign: (message) => signBytes(null, message, privateKey),
    exportPem: () => privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

/** RFC 8410: what stands before the 32 bytes in a SubjectPublicKeyInfo and in a PrivateKeyInfo. */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

const orderBytes = bytesOf(groupOrder);
const primeBytes = bytesOf(fieldPrime);

/** The y of the eight points of small order: orders 4, 1, 2, and the two of order 8. The sign of x is masked off. */
const smallOrderY: readonly Uint8Array[] = [
  0n,
  1n,
  fieldPrime - 1n,
  littleEndian(Buffer.from("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "hex")),
  littleEndian(Buffer.from("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "hex")),
].map(bytesOf);

function bytesOf(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}

/** Compares two numbers of 32 bytes, lowest byte first. */
function isBelow(left: Uint8Array, right: Uint8Array): boolean {
  for (let index = 31; index >= 0; index -= 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
