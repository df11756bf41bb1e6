/**
 * The NATS identity of one partner: its operator key and the four accounts every node has.
 *
 * It is secret, plain JSON, and belongs in a file with mode 0600 (`keys/nats.json`). A person who reads it
 * can admit anyone to this partner's nats-server; they cannot write in its log.
 */
import { z } from "zod";
import {
  type AccountId,
  AccountSeed,
  createAccountKey,
  createOperatorSeed,
  OperatorSeed,
  publicKeyOf,
} from "./keys.ts";

/**
 * - `system`: tells the server about accounts; - `home`: this node's services, imported by nobody;
 * - `fed`: what peers may reach; - `lobby`: newcomers with an invitation.
 */
export const nodeAccountNames = ["system", "home", "fed", "lobby"] as const;
export type NodeAccountName = (typeof nodeAccountNames)[number];

/** The secret state, strictly: an unknown member is refused, so a file from a newer version is not half read. */
export const OperatorIdentity = z.strictObject({
  version: z.literal(1),
  /** Shown in JWTs and in the server's name, for people only. Derived from the partner's id: a partner's own name may hold anything. */
  name: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u),
  operatorSeed: OperatorSeed,
  accountSeeds: z.strictObject({
    system: AccountSeed,
    home: AccountSeed,
    fed: AccountSeed,
    lobby: AccountSeed,
  }),
});
export type OperatorIdentity = Readonly<z.infer<typeof OperatorIdentity>>;

/** Makes a partner's NATS identity. Once per data folder; every later start reads it back. */
export function createOperator(name: string): OperatorIdentity {
  const accountSeed = () => createAccountKey().seed;
  return parseOperatorIdentity({
    version: 1,
    name,
    operatorSeed: createOperatorSeed(),
    accountSeeds: { system: accountSeed(), home: accountSeed(), fed: accountSeed(), lobby: accountSeed() },
  });
}

/**
 * Reads an identity back from parsed JSON.
 *
 * @throws {z.ZodError} Naming the bad members.
 */
export function parseOperatorIdentity(value: unknown): OperatorIdentity {
  return OperatorIdentity.parse(value);
}

/** The public key of one of the node's own accounts. */
export function accountIdOf(identity: OperatorIdentity, name: NodeAccountName): AccountId {
  return publicKeyOf(identity.accountSeeds[name]);
}
