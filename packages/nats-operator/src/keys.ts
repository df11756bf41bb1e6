/**
 * NATS keys (nkeys): Ed25519 pairs with a role letter. They log in to NATS servers and nothing else.
 *
 * A log, witness or root key is never one of these: NATS clients sign whatever nonce a server sends
 * (protocol section 1), so a key used here proves nothing anywhere else.
 */
import { createAccount, createOperator, createUser, fromPublic, fromSeed } from "@nats-io/nkeys";
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
  const pair = createUser();
  return { user: pair.getPublicKey(), seed: text(pair.getSeed()) };
}

/** A fresh account key, for a link or one of the node's own accounts. */
export function createAccountKey(): { readonly account: AccountId; readonly seed: AccountSeed } {
  const pair = createAccount();
  return { account: pair.getPublicKey(), seed: text(pair.getSeed()) };
}

/** A fresh operator seed: the top of one partner's chain of NATS trust. */
export function createOperatorSeed(): OperatorSeed {
  return text(createOperator().getSeed());
}

/** The public key that belongs to a seed. */
export function publicKeyOf(secret: string): string {
  return keyPair(secret).getPublicKey();
}

/** The key pair of a seed, in the form the JWT library signs with. */
export function keyPair(secret: string): ReturnType<typeof fromSeed> {
  return fromSeed(new TextEncoder().encode(secret));
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
