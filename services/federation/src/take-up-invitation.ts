/**
 * The newcomer's half of a join, and a member's way to one more link: through the inviter's lobby, with our opened log and
 * the public half of a fresh user key. Safe to repeat until it succeeds.
 */
import type { AcceptReply } from "@handfast/api/messages/federation";
import { openBus } from "@handfast/bus/connect";
import { BusError } from "@handfast/bus/fault";
import { readUserJwt } from "@handfast/nats-operator/credentials";
import { createUserKey } from "@handfast/nats-operator/keys";
import { lobbyInboxPrefix } from "@handfast/nats-operator/subjects";
import { toBytes } from "@handfast/protocol/bytes";
import { canonicalText, gate, type Json } from "@handfast/protocol/canonical";
import { Grant, invitationHash, type Join, linkRules, versionHeader } from "@handfast/protocol/federation";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { wireSubjects } from "@handfast/protocol/subjects";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import { readRefusal } from "./answers.ts";
import type { ReadInvitation } from "./invitation.ts";
import type { DialerLink, LinksStore } from "./links-store.ts";
import { isNewer, no, readCredentials, type Speaker } from "./speaker.ts";
import { credentialsIn, heldSpeaker, signStatement, whyNotSigned } from "./statements.ts";

/** Sponsoring, an fsync or two and an account: seconds at a busy host. Shorter than the caller waits. */
const joinTimeoutMs = 9_000;
const connectTimeoutMs = 4_000;

/** For everything that is asked of the inviter, connecting included. Shorter than the gateway waits for us. */
const inviterLimitMs = 14_000;

type Refusal = Exclude<AcceptReply, { readonly ok: true }>;

/** Joins and stores the link. */
export async function takeUpInvitation(
  read: ReadInvitation,
  deps: {
    readonly own: Speaker;
    readonly net: NetworkId;
    readonly ledger: Pick<LedgerClient, "sign" | "credentials">;
    readonly store: LinksStore;
    /** Aborted when this node stops: nobody is waited for any longer. */
    readonly ending: AbortSignal;
  },
): Promise<{ readonly ok: true; readonly link: DialerLink } | Refusal> {
  const { invitation, inviter } = read;
  if (invitation.net !== deps.net)
    return no("invitation-foreign", "it is for another network than this node's");
  if (inviter.partner === deps.own.partner) return no("invitation-own", "this node made it");
  // What the invitation shows may be older than what is held of its author: a newcomer alone has nothing to compare with.
  const held = await heldSpeaker(deps.ledger, inviter.partner, deps.net);
  const replaced = whyNotSigned("invitation", invitation, inviter, held);
  if (replaced !== null) return { ...replaced, detail: `${replaced.detail}: ask for a new invitation` };
  const { user, seed } = createUserKey();
  const unsigned: Omit<Join, "sig"> = {
    v: 1,
    net: deps.net,
    invitation: invitationHash(invitation.lobby.token),
    ...credentialsIn(deps.own),
    userKey: user,
  };
  const join = await signStatement<Join>(deps.ledger, "join", unsigned);
  const answer = await ask(read, toBytes(canonicalText(join as unknown as Json)), deps.ending);
  if (!(answer instanceof Uint8Array)) return answer;

  const parsed = gate(answer, Grant, { bytes: linkRules.statementBytes, depth: limits.headerDepth });
  if (!parsed.ok) return readRefusal(answer);
  const grant = parsed.value;
  const wrong = whatIsWrong(grant, { peer: deps.own.partner, user, read, held });
  if (wrong !== null) return no("bad-checkpoint", `the grant ${wrong}`);
  const { account, jwt, expires, endpoints } = grant;
  const kept = deps.store.keep({
    role: "dialer",
    peer: inviter.partner,
    name: inviter.name,
    account,
    seed,
    jwt,
    expires,
    endpoints,
    caPem: invitation.caPem,
    isClosed: false,
  });
  return { ok: true, link: kept as DialerLink };
}

async function ask(
  read: ReadInvitation,
  join: Uint8Array,
  ending: AbortSignal,
): Promise<Uint8Array | Refusal> {
  const { endpoints } = read.invitation;
  const { promise: silent, resolve } = Promise.withResolvers<Refusal>();
  const giveUp = (): void => resolve(unreachable(endpoints));
  const timer = setTimeout(giveUp, inviterLimitMs);
  ending.addEventListener("abort", giveUp);
  try {
    return await Promise.race([askInLobby(read, join), silent]);
  } finally {
    clearTimeout(timer);
    ending.removeEventListener("abort", giveUp);
  }
}

const unreachable = (endpoints: readonly string[]): Refusal => ({
  ok: false,
  code: "inviter-unreachable",
  detail: `nobody answers at ${endpoints.join(", ")}`,
});

async function askInLobby({ invitation }: ReadInvitation, join: Uint8Array): Promise<Uint8Array | Refusal> {
  const { lobby, endpoints, caPem } = invitation;
  try {
    await using bus = await openBus({
      servers: endpoints,
      credentials: { jwt: lobby.jwt, seed: lobby.seed },
      caPem,
      name: "lobby",
      inboxPrefix: lobbyInboxPrefix(lobby.token),
      maxReconnectAttempts: 0,
      connectTimeoutMs,
    });
    const options = {
      timeoutMs: joinTimeoutMs,
      headers: versionHeader,
      maxReplyBytes: linkRules.statementBytes,
    };
    return (await bus.request(wireSubjects.lobby(lobby.token), join, options)).data;
  } catch (err) {
    if (err instanceof BusError && err.reason === "login-refused") {
      return no("invitation-unknown", "the inviter's server does not know it any more");
    }
    if (err instanceof BusError) return unreachable(endpoints);
    throw err;
  }
}

function whatIsWrong(
  grant: Grant,
  expected: {
    readonly peer: PartnerId;
    readonly user: string;
    readonly read: ReadInvitation;
    readonly held: Speaker | null;
  },
): string | null {
  const { invitation, inviter } = expected.read;
  // An inviter that has set its keys anew since it invited says so in the grant.
  const { since } = grant;
  const shown =
    since === undefined
      ? { ok: true as const, value: inviter }
      : readCredentials({ opened: invitation.inviter.opened, since }, invitation.net);
  if (!shown.ok) return `shows keys of the inviter that are ${shown.code}`;
  const { held } = expected;
  const known = held !== null && isNewer(held, inviter) ? held : inviter;
  if (whyNotSigned("grant", grant, shown.value, known) !== null) return "is not signed by the inviter";
  if (grant.net !== invitation.net || grant.host !== inviter.partner) return "is of another host or network";
  if (grant.peer !== expected.peer) return "is for another partner";
  const facts = readUserJwt(grant.jwt);
  if (facts === null || facts.user !== expected.user || facts.account !== grant.account)
    return "has another's JWT";
  return null;
}
