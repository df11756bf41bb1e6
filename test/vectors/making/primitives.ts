/**
 * What the vectors are made with: the specifications in their shortest form, and none of our own code, so that the
 * files say what the protocol is and not what our packages happen to do. Slow, and only for inputs known to be good.
 */
import { createPrivateKey, createPublicKey, hash, sign } from "node:crypto";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Bytes = Buffer;

/** Names that readers of JSON trip over. Not as a literal: what has a `then` is taken for a promise. */
export const trippingNames = JSON.parse(
  '{"constructor":{"prototype":{"admin":true}},"hasOwnProperty":1,"then":1,"toJSON":1,"valueOf":1}',
) as { readonly [name: string]: Json };

export const utf8 = (text: string): Bytes => Buffer.from(text, "utf8");
export const hex = (bytes: Bytes): string => bytes.toString("hex");
export const b64u = (bytes: Bytes): string => bytes.toString("base64url");
export const base64 = (bytes: Bytes): string => bytes.toString("base64");

const sha256 = (...parts: readonly (string | Bytes)[]): Bytes =>
  hash(
    "sha256",
    Buffer.concat(parts.map((part) => (typeof part === "string" ? utf8(part) : part))),
    "buffer",
  );

/** SHA-256 over label, NUL, parts. */
export const labelled = (label: string, ...parts: readonly (string | Bytes)[]): Bytes =>
  sha256(label, "\0", ...parts);

/** RFC 8785: members by UTF-16 code units, which is how JavaScript compares; scalars are written as JavaScript does. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

const base58Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** base58btc of bytes that do not begin with zero. */
export function base58(bytes: Bytes): string {
  let text = "";
  for (let rest = BigInt(`0x${hex(bytes)}`); rest > 0n; rest /= 58n)
    text = base58Digits[Number(rest % 58n)] + text;
  return text;
}

/** `z`, base58btc, multicodec 0xed 0x01. */
export const multikey = (publicKey: Bytes): string =>
  `z${base58(Buffer.concat([Buffer.of(0xed, 0x01), publicKey]))}`;

export type Key = {
  readonly seed: Bytes;
  readonly publicKey: Bytes;
  readonly multikey: string;
  readonly sign: (message: Bytes) => Bytes;
};

/** The key whose seed is 32 times this byte. */
export function keyOf(byte: number): Key {
  const seed = Buffer.alloc(32, byte);
  // RFC 8410: what stands before the seed in PKCS #8, and before the public key in SPKI.
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(12);
  return {
    seed,
    publicKey,
    multikey: multikey(publicKey),
    sign: (message) => sign(null, message, secret),
  };
}

export const leafHash = (header: Bytes): Bytes => sha256(Buffer.of(0x00), header);

/** MTH of RFC 6962 section 2.1. */
export function rootOf(leafHashes: readonly Bytes[]): Bytes {
  const [first] = leafHashes;
  if (first === undefined) return sha256();
  if (leafHashes.length === 1) return first;
  const left = largestPowerBelow(leafHashes.length);
  return sha256(Buffer.of(0x01), rootOf(leafHashes.slice(0, left)), rootOf(leafHashes.slice(left)));
}

/** SUBPROOF(m, D[n], false) of RFC 6962 section 2.1.2: the anchored form, which always begins with the hash at m. */
export function anchoredProof(from: number, leafHashes: readonly Bytes[]): readonly Bytes[] {
  if (from === leafHashes.length) return [rootOf(leafHashes)];
  const left = largestPowerBelow(leafHashes.length);
  return from <= left
    ? [...anchoredProof(from, leafHashes.slice(0, left)), rootOf(leafHashes.slice(left))]
    : [...anchoredProof(from - left, leafHashes.slice(left)), rootOf(leafHashes.slice(0, left))];
}

const largestPowerBelow = (size: number): number => 2 ** Math.ceil(Math.log2(size) - 1);

/** A C2SP checkpoint: origin, size, root, an empty line, one signature line a key (type 0x01, named by the origin). */
export function checkpoint(origin: string, leafHashes: readonly Bytes[], keys: readonly Key[]): string {
  const text = `${origin}\n${leafHashes.length}\n${base64(rootOf(leafHashes))}\n`;
  const lines = keys.map(({ publicKey, sign: signBy }) => {
    const id = sha256(`${origin}\n`, Buffer.of(0x01), publicKey).subarray(0, 4);
    return `\u2014 ${origin} ${base64(Buffer.concat([id, signBy(utf8(text))]))}\n`;
  });
  return `${text}\n${lines.join("")}`;
}
