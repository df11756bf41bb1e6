/**
 * NATS keys (nkeys): Ed25519 pairs with a role letter. They log in to NATS servers and nothing else.
 *
 * A log, witness or root key is never one of these: NATS clients sign whatever nonce a server sends
 * (protocol section 1), so a key used here proves nothing anywhere else.
 */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import {
  createAccount,
  createOperator,
  createUser,
  fromPublic,
  fromSeed,
  type KeyPair,
  Prefix,
} from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/lib/codec.js";
import { z } from "zod";

/** The public key of an account: `A` and 55 base32 characters, checksum included. */
export const AccountId = publicKey("A");
export type AccountId = z.infer<typeof AccountId>;

/** The public key of a user: `U` and 55 base32 characters, checksum included. */
export const UserId = publicKey("U");
export type UserId = z.infer<typeof UserId>;

/** The secret of an account key pair, 58 base32 characters beginning with `SA`. */
export const AccountSeed = seed("SA");
export type AccountSeed = z.infer<typeof AccountSeed>;

/** The secret of an operator key pair, beginning with `SO`. */
export const OperatorSeed = seed("SO");
export type OperatorSeed = z.infer<typeof OperatorSeed>;

/** The secret of a user key pair, beginning with `SU`. */
export const UserSeed = seed("SU");
export type UserSeed = z.infer<typeof UserSeed>;

/** A fresh user key. The public half goes to the host of a link, which answers with a JWT for it. */
export function createUserKey(): { readonly user: UserId; readonly seed: UserSeed } {
  const seed = text(createUser().getSeed());
  return { user: publicKeyOf(seed), seed };
}

/** A fresh account key, for a link or one of the node's own accounts. */
export function createAccountKey(): { readonly account: AccountId; readonly seed: AccountSeed } {
  const seed = text(createAccount().getSeed());
  return { account: publicKeyOf(seed), seed };
}

/** A fresh operator seed: the top of one partner's chain of NATS trust. */
export function createOperatorSeed(): OperatorSeed {
  return text(createOperator().getSeed());
}

/** The public key that belongs to a seed. */
export function publicKeyOf(secret: string): string {
  return keyPair(secret).getPublicKey();
}

/** The DER prefix of an Ed25519 private key in PKCS#8 (RFC 8410 section 7). */
const pkcs8Prefix = Uint8Array.fromHex("302e020100300506032b657004220420");

/**
 * The key pair of a seed, in the form the JWT library signs with. OpenSSL does the work: the library expands the seed in
 * JavaScript at every look at a key, which was a third of a node's start.
 *
 * @throws {NKeysError} For a bad prefix or checksum.
 */
export function keyPair(secret: string): KeyPair {
  const seed = new TextEncoder().encode(secret);
  const { prefix, buf } = Codec.decodeSeed(seed);
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, buf]), format: "der", type: "pkcs8" });
  const point = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  const publicKey = text(Codec.encode(prefix, point));
  return Object.assign(fromSeed(seed), {
    getPublicKey: () => publicKey,
    getPrivateKey: () => Codec.encode(Prefix.Private, Buffer.concat([buf, point])),
    sign: (data: Uint8Array) => new Uint8Array(sign(null, data, key)),
  });
}

function publicKey(letter: "A" | "U") {
  return z
    .string()
    .regex(new RegExp(`^${letter}[A-Z2-7]{55}$`))
    .refine((value) => succeeds(() => fromPublic(value)), "not a NATS public key");
}

/** 36 bytes leave two spare bits in the last of 58 characters; only zeros are taken, so a seed has one text. */
function seed(prefix: "SA" | "SO" | "SU") {
  return z
    .string()
    .regex(new RegExp(`^${prefix}[A-Z2-7]{55}[AEIMQUY4]$`))
    .refine((value) => succeeds(() => keyPair(value)), "not a NATS seed");
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    // The library throws for a bad prefix or checksum; the schema names the fault.
    return false;
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
