/**
 * What webhooks are signed with (Standard Webhooks 1.0.0): a shared secret for `v1`, a key pair for `v1a`. Both belong to one
 * endpoint, so that no receiver can sign what another would believe.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";

const secretPrefix = "whsec_";
const privatePrefix = "whsk_";
const publicPrefix = "whpk_";
/** The specification asks for 24 to 64 random bytes. */
const secretBytes = 32;
const keyBytes = 32;
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** `whsec_` and 32 random bytes in standard base64. */
export const createSecret = (): string => `${secretPrefix}${randomBytes(secretBytes).toString("base64")}`;

/** `whsk_…` to be kept, and `whpk_…` to be given to the receiver: 32 bytes of Ed25519 each, in standard base64. */
export function createKeyPair(): { readonly privateKey: string; readonly publicKey: string } {
  const pair = generateKeyPairSync("ed25519");
  const seed = pair.privateKey.export({ format: "der", type: "pkcs8" }).subarray(pkcs8Prefix.length);
  return {
    privateKey: `${privatePrefix}${seed.toString("base64")}`,
    publicKey: `${publicPrefix}${rawPublicKey(pair.publicKey).toString("base64")}`,
  };
}

/** @throws {TypeError} When it is not a `whsec_` secret of 24 to 64 bytes. The text is not repeated. */
export function readSecret(text: string): Uint8Array {
  const bytes = decode(text, secretPrefix);
  if (bytes === null || bytes.length < 24 || bytes.length > 64)
    throw new TypeError("a webhook secret is whsec_ and 24 to 64 bytes in standard base64");
  return bytes;
}

/** @throws {TypeError} When it is not a `whsk_` key of 32 bytes. The text is not repeated. */
export function readPrivateKey(text: string): KeyObject {
  const bytes = decode(text, privatePrefix);
  if (bytes?.length !== keyBytes)
    throw new TypeError("a webhook key is whsk_ and 32 bytes in standard base64");
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, bytes]), format: "der", type: "pkcs8" });
}

/** @throws {TypeError} When it is not a `whpk_` key of 32 bytes. */
export function readPublicKey(text: string): KeyObject {
  const bytes = decode(text, publicPrefix);
  if (bytes?.length !== keyBytes)
    throw new TypeError("a webhook public key is whpk_ and 32 bytes in standard base64");
  return createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: "der", type: "spki" });
}

/** A public key as receivers find it (RFC 8037 section 2). `kid` is its thumbprint (RFC 7638). */
export type PublicJwk = {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly use: "sig";
  readonly alg: "EdDSA";
};

export function toJwk(publicKey: string): PublicJwk {
  const x = rawPublicKey(readPublicKey(publicKey)).toString("base64url");
  const kid = createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url");
  return { kty: "OKP", crv: "Ed25519", x, kid, use: "sig", alg: "EdDSA" };
}

/** The text form of a key found in a JWKS; null for any other kind of key. */
export function fromJwk(jwk: {
  readonly kty?: unknown;
  readonly crv?: unknown;
  readonly x?: unknown;
}): string | null {
  if (jwk.kty !== "OKP" || jwk.crv !== "Ed25519" || typeof jwk.x !== "string") return null;
  const bytes = Buffer.from(jwk.x, "base64url");
  return bytes.length === keyBytes && bytes.toString("base64url") === jwk.x
    ? `${publicPrefix}${bytes.toString("base64")}`
    : null;
}

const rawPublicKey = (key: KeyObject): Buffer =>
  key.export({ format: "der", type: "spki" }).subarray(spkiPrefix.length);

/** Standard base64 after the prefix, in its one canonical form; null otherwise. */
function decode(text: string, prefix: string): Buffer | null {
  if (!text.startsWith(prefix)) return null;
  const encoded = text.slice(prefix.length);
  const bytes = Buffer.from(encoded, "base64");
  return bytes.toString("base64") === encoded ? bytes : null;
}
