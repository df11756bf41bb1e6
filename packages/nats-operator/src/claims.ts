/**
 * Tells a running nats-server about link accounts: open one, cut one off, see what it knows.
 *
 * Speaks through a connection in the system account (`createSystemCredentials`), handed in as a port,
 * so that this package does not know the NATS client.
 */
import { Algorithms, encode, Types } from "@nats-io/jwt";
import { z } from "zod";
import { NatsOperatorError } from "./fault.ts";
import type { OperatorIdentity } from "./identity.ts";
import { type AccountId, keyPair } from "./keys.ts";

/** One request and its one reply. Rejects when there is no reply within `timeoutMs`. */
export interface ClaimsPort {
  request(subject: string, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
}

/** The server writes a file for each account; this is long for that. */
const timeoutMs = 5_000;

const Answer = z.object({
  data: z.object({ code: z.number(), message: z.string().optional() }).optional(),
  error: z.object({ code: z.number(), description: z.string().optional() }).optional(),
});

const Listing = z.object({ data: z.array(z.string()) });

/**
 * Makes an account known, or replaces what is known of it. Resolves when the server has stored it.
 *
 * @throws {NatsOperatorError} `claims-refused` when the server does not take the JWT.
 */
export async function pushAccount(port: ClaimsPort, accountJwt: string): Promise<void> {
  await tell(port, "$SYS.REQ.CLAIMS.UPDATE", accountJwt);
}

/**
 * Cuts accounts off: their connections are closed within some tens of milliseconds, and their users
 * cannot return, not after a restart either, until the account is pushed again.
 */
export async function deleteAccounts(
  port: ClaimsPort,
  identity: OperatorIdentity,
  accounts: readonly AccountId[],
): Promise<void> {
  const operator = keyPair(identity.operatorSeed);
  const name = operator.getPublicKey();
  const claims = {
    sub: name,
    iss: name,
    name,
    aud: "",
    jti: "",
    iat: 0,
    nats: { type: Types.Operator as string, version: 2, accounts },
  };
  await tell(port, "$SYS.REQ.CLAIMS.DELETE", await encode(Algorithms.v2, claims, operator));
}

/** The accounts the server knows, its own among them. */
export async function listAccounts(port: ClaimsPort): Promise<ReadonlySet<AccountId>> {
  const reply = await port.request("$SYS.REQ.CLAIMS.LIST", new Uint8Array(), timeoutMs);
  return new Set(Listing.parse(json(reply)).data);
}

/** The JWT the server holds for an account, or null. */
export async function findAccount(port: ClaimsPort, account: AccountId): Promise<string | null> {
  const subject = `$SYS.REQ.ACCOUNT.${account}.CLAIMS.LOOKUP`;
  const reply = new TextDecoder().decode(await port.request(subject, new Uint8Array(), timeoutMs));
  return reply === "" ? null : reply;
}

async function tell(port: ClaimsPort, subject: string, jwt: string): Promise<void> {
  const reply = await port.request(subject, new TextEncoder().encode(jwt), timeoutMs);
  const answer = Answer.parse(json(reply));
  if (answer.data?.code === 200) return;
  const reason = answer.error?.description ?? answer.data?.message ?? "no reason given";
  throw new NatsOperatorError("claims-refused", `nats-server refused an account claim: ${reason}`);
}

function json(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
