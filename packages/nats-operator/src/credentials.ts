/**
 * User JWTs: who may connect, as what, until when.
 *
 * The node's own users are made anew at each start and never stored. A dialer keeps its seed to itself
 * and sends only the public key; the JWT it gets is useless to anyone else.
 */

import { wireSubjects } from "@handfast/protocol/subjects";
import { decode, encodeUser, type Permissions, type User } from "@nats-io/jwt";
import { z } from "zod";
import type { LinkAccount } from "./accounts.ts";
import type { NodeAccountName, OperatorIdentity } from "./identity.ts";
import { AccountId, type AccountSeed, createUserKey, keyPair, UserId, type UserSeed } from "./keys.ts";
import { linkSubjects, lobbyInboxPrefix, subjectToken } from "./subjects.ts";

/** What a client logs in with: the JWT names it, the seed signs the server's nonce. Secret. */
export type Credentials = { readonly jwt: string; readonly seed: UserSeed };

/** A dialer's JWT lasts 30 days; `link.renew` replaces it before. */
export const dialerValidMs = 30 * 24 * 3_600_000;

/** An invitation lasts at most 72 hours, and so does the lobby user in it. */
export const lobbyValidMs = 72 * 3_600_000;

/** What one service of the node may send and hear in HOME, as NATS subjects with wildcards. It may answer whatever it is asked. */
export type HomeRights = { readonly publish: readonly string[]; readonly subscribe: readonly string[] };

/** Longer than any request waits for its reply. */
const replyWithinNs = 120 * 1_000_000_000;

/**
 * A user in HOME, for one of this node's services.
 *
 * @param name For people.
 * @param rights Default: everything in the account.
 */
export function createHomeCredentials(
  identity: OperatorIdentity,
  name: string,
  rights?: HomeRights,
): Promise<Credentials> {
  const permissions: Partial<Permissions> =
    rights === undefined
      ? {}
      : {
          pub: { allow: [...rights.publish], deny: [] },
          sub: { allow: [...rights.subscribe], deny: [] },
          resp: { max: 1, ttl: replyWithinNs },
        };
  return ownCredentials(identity, "home", name, permissions);
}

/** A user in FED, for the federation service alone. */
export function createFedCredentials(identity: OperatorIdentity, name: string): Promise<Credentials> {
  return ownCredentials(identity, "fed", name, {});
}

/** A user in SYS that may tell the server about accounts and nothing else. */
export function createSystemCredentials(identity: OperatorIdentity, name: string): Promise<Credentials> {
  return ownCredentials(identity, "system", name, {
    pub: { allow: ["$SYS.REQ.CLAIMS.*", "$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP"], deny: [] },
    sub: { allow: [linkSubjects.everyInbox], deny: [] },
  });
}

/**
 * The user in an invitation: may publish its own join and read its own inbox. It is the only one of its account, whose seed is
 * not kept: no other can be made.
 *
 * Its client must take `lobbyInboxPrefix(token)` as inbox prefix. That an invitation is used once is
 * enforced by the federation service, which alone knows what was joined.
 *
 * @param seed Of the invitation's account.
 * @param invitation `token` is one subject token, unguessable and not the secret of anything else.
 */
export async function createLobbyCredentials(
  seed: AccountSeed,
  invitation: { readonly token: string; readonly nowMs: number; readonly validMs?: number },
): Promise<Credentials> {
  const token = subjectToken(invitation.token);
  const validMs = Math.min(invitation.validMs ?? lobbyValidMs, lobbyValidMs);
  const key = createUserKey();
  const jwt = await signUser(`lobby ${token}`, key.user, seed, {
    permissions: {
      pub: { allow: [wireSubjects.lobby(token)], deny: [] },
      sub: { allow: [`${lobbyInboxPrefix(token)}.>`], deny: [] },
    },
    expiresAtMs: invitation.nowMs + validMs,
  });
  return { jwt, seed: key.seed };
}

/**
 * The JWT of a link's dialer, for the public key the dialer sent.
 *
 * @throws {z.ZodError} When `user` is not the public key of a NATS user.
 */
export function signDialer(
  link: LinkAccount,
  dialer: { readonly user: UserId; readonly nowMs: number; readonly validMs?: number },
): Promise<string> {
  const validMs = Math.min(dialer.validMs ?? dialerValidMs, dialerValidMs);
  return signUser("dialer", UserId.parse(dialer.user), link.seed, {
    permissions: {
      pub: { allow: [linkSubjects.everyCall], deny: [] },
      sub: {
        allow: [
          linkSubjects.everyInbox,
          wireSubjects.ask(link.account),
          wireSubjects.liveOf(subjectToken(link.network)),
        ],
        deny: [],
      },
    },
    expiresAtMs: dialer.nowMs + validMs,
  });
}

/** What a user JWT says of itself; `expiresAtMs` is null when it never expires. */
export type UserJwtFacts = {
  readonly user: string;
  readonly account: string;
  readonly expiresAtMs: number | null;
};

/**
 * Reads a user JWT that somebody sent, after checking its signature against the account it names.
 *
 * @returns Null when it is not a user JWT or its signature is wrong. That the account is the right one is
 * for the server to judge.
 */
export function readUserJwt(jwt: string): UserJwtFacts | null {
  if (jwt.length > maxJwtCharacters) return null;
  try {
    const { sub, iss, exp, nats } = UserClaims.parse(decode(jwt));
    return {
      user: sub,
      account: nats.issuer_account ?? iss,
      expiresAtMs: exp === undefined ? null : exp * 1_000,
    };
  } catch {
    // The library throws for every malformed token alike; all of them are "not a user JWT" here.
    return null;
  }
}

/** Ours have about 900; another host's may name more subjects. */
const maxJwtCharacters = 4_096;

/** The claims read here; a user JWT has more, which are the server's business. */
const UserClaims = z.object({
  sub: UserId,
  iss: AccountId,
  exp: z.int().nonnegative().optional(),
  nats: z.object({ type: z.literal("user"), issuer_account: AccountId.optional() }),
});

async function ownCredentials(
  identity: OperatorIdentity,
  account: NodeAccountName,
  name: string,
  permissions: Partial<Permissions>,
): Promise<Credentials> {
  const key = createUserKey();
  const jwt = await signUser(name, key.user, identity.accountSeeds[account], { permissions });
  return { jwt, seed: key.seed };
}

function signUser(
  name: string,
  user: UserId,
  accountSeed: string,
  grant: { readonly permissions: Partial<Permissions>; readonly expiresAtMs?: number },
): Promise<string> {
  const claims: Partial<User> = {
    ...grant.permissions,
    allowed_connection_types: ["STANDARD"],
    bearer_token: false,
  };
  // JWTs count seconds; rounded down, so that none outlives what was promised.
  const dates = grant.expiresAtMs === undefined ? {} : { exp: Math.floor(grant.expiresAtMs / 1_000) };
  return encodeUser(name, user, keyPair(accountSeed), claims, dates);
}
