/** Keys of our own, which sign. Only where there is Node: no browser holds a partner's key. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from "node:crypto";
import { admitKey, publicKeyLength, type Signer } from "./ed25519.ts";

/** A signer whose private key lies in memory and can be written to a file. */
export type KeyPair = Signer & {
  /** PKCS #8 in PEM, unencrypted: a secret. */
  readonly exportPem: () => string;
};

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
  // Every clamped scalar gives a point of prime order (RFC 8032 section 5.1.5): a key of our own is never refused.
  const { key } = admitKey(spki.subarray(-publicKeyLength)) as Extract<
    ReturnType<typeof admitKey>,
    { ok: true }
  >;
  return {
    publicKey: key,
    sign: (message) => new Uint8Array(signBytes(null, message, privateKey)),
    exportPem: () => privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

/** RFC 8410: what stands before the 32 bytes in a PrivateKeyInfo. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
