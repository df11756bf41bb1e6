/**
 * The host's half of a join. Each step is durable before the next and does nothing twice, so that a newcomer who lost our
 * answer, or whom we answered nothing because we fell, simply sends its join again.
 */
import { createLinkAccount, signLinkAccount } from "@handfast/nats-operator/accounts";
import { type ClaimsPort, pushAccount } from "@handfast/nats-operator/claims";
import { dialerValidMs, signDialer } from "@handfast/nats-operator/credentials";
import type { OperatorIdentity } from "@handfast/nats-operator/identity";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import { gate } from "@handfast/protocol/canonical";
import { type CallRefusal, type Grant, invitationHash, Join, linkRules } from "@handfast/protocol/federation";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { HostLink, LinksStore } from "./links-store.ts";
import { no, readCredentials, type Speaker } from "./speaker.ts";
import { credentialsIn, heldSpeaker, signStatement, whyNotSigned } from "./statements.ts";

export type AdmitDeps = {
  readonly net: NetworkId;
  readonly self: PartnerId;
  readonly identity: OperatorIdentity;
  readonly claims: ClaimsPort;
  readonly ledger: LedgerClient;
  readonly store: LinksStore;
  readonly clock: Clock;
  readonly events: Events;
  /** The link is stored and its account known to the server. */
  readonly onLink: (link: HostLink) => void;
  /** Our own keys in force. */
  readonly readOwn: () => Promise<Speaker>;
};

const sponsorAttempts = 5;
/** Why a ledger in order may write nothing for a while. */
const mayPass: ReadonlySet<string> = new Set([
  "clock-ahead",
  "clock-apart",
  "disk-full",
  "in-doubt",
  "own-log-unsure",
]);

/** @param token The last token of the subject the join came in on: the server lets only the invitation's bearer use it. */
export async function admitNewcomer(
  token: string,
  data: Uint8Array,
  deps: AdmitDeps,
): Promise<Grant | CallRefusal> {
  const { net, store, clock } = deps;
  const parsed = gate(data, Join, { bytes: linkRules.statementBytes, depth: limits.headerDepth });
  if (!parsed.ok) return no(parsed.code, parsed.detail);
  const join = parsed.value;
  const hash = invitationHash(token);
  const invitation = store.invitation(hash);
  if (invitation === null || join.invitation !== hash)
    return no("invitation-unknown", "no invitation of this node");
  if (join.net !== net) return no("invitation-foreign", "it is for another network");
  const shown = readCredentials(join, net);
  if (!shown.ok) return shown;
  const newcomer = shown.value;
  // A member joins as well, for one more link: what is held of it may be newer than what it shows.
  const wrong = whyNotSigned("join", join, newcomer, await heldSpeaker(deps.ledger, newcomer.partner, net));
  if (wrong !== null) return wrong;
  if (newcomer.partner === deps.self) return no("invitation-own", "a node cannot join itself");

  const { usedBy } = invitation;
  const isAgain = usedBy?.peer === newcomer.partner && usedBy.log === newcomer.log;
  if (usedBy !== null && !isAgain) return no("invitation-used", "it was good once");
  if (usedBy === null && clock.now() >= invitation.expires)
    return no("invitation-expired", "ask for a new one");
  if (!isAgain)
    store.keepInvitation({ ...invitation, usedBy: { peer: newcomer.partner, log: newcomer.log } });

  // The ledger takes the logs of founders and of partners that somebody has sponsored; for anybody else it is our word that
  // lets them in.
  let kept = await deps.ledger.ingest(newcomer.frame);
  const isSponsored = !kept.ok && kept.code === "unknown-log";
  if (isSponsored) {
    const refused = await sponsor(newcomer, hash, deps);
    if (refused !== null) return no("busy", `the inviter's node writes nothing now (${refused}): try again`);
    kept = await deps.ledger.ingest(newcomer.frame);
  }
  if (!kept.ok) return no(kept.code, kept.detail ?? "the ledger does not take the newcomer's log");

  const link = keepLink(newcomer, deps);
  await pushAccount(deps.claims, await signLinkAccount(deps.identity, accountOf(link, net)));
  deps.onLink(link);
  deps.events.joined(newcomer.partner, isSponsored);
  return grantOf(link, join.userKey, invitation.endpoints, deps);
}

/**
 * Appends `member.sponsored`, with everything this node knows of the network as its past.
 * @returns Why the ledger writes none now; null once it is written.
 */
async function sponsor(
  newcomer: Speaker,
  invitation: string,
  { ledger, net }: AdmitDeps,
): Promise<string | null> {
  const { partner: root, log } = newcomer;
  const key = toB64u(labelledHash("handfast/sponsor/v1", invitation));
  const request = toB64u(labelledHash("handfast/sponsor/v1", `${root} ${log}`));
  for (let attempt = 0; attempt < sponsorAttempts; attempt += 1) {
    const { subjects } = await ledger.subjectHeads({ subjects: [net] });
    const reply = await ledger.append({
      entries: [{ type: "member.sponsored", subject: null, x: { root, log } }],
      expect: subjects,
      key,
      request,
    });
    if (reply.ok) return null;
    if (mayPass.has(reply.code)) return reply.code;
    if (reply.code !== "moved")
      throw new Error(`could not sponsor a newcomer: the ledger says ${reply.code}`);
  }
  return "moved";
}

/** One open link for each partner we host: a second invitation renews it. */
function keepLink(newcomer: Speaker, { store, net }: AdmitDeps): HostLink {
  const { partner: peer, name } = newcomer;
  const isTheirs = (link: { role: string; peer: string; isClosed: boolean }) =>
    link.role === "host" && link.peer === peer && !link.isClosed;
  const open = store.links().find(isTheirs);
  if (open?.role === "host") return open;
  const { account, seed } = createLinkAccount(net);
  return store.keep({ role: "host", peer, name, account, seed, isClosed: false }) as HostLink;
}

export const accountOf = ({ account, seed }: HostLink, network: NetworkId) => ({ account, seed, network });

/** The dialer's JWT for a key it named; the seed stays with it. */
export async function dialerJwt(link: HostLink, userKey: string, net: NetworkId, nowMs: number) {
  const jwt = await signDialer(accountOf(link, net), { user: userKey, nowMs });
  return { jwt, expires: nowMs + dialerValidMs };
}

async function grantOf(
  link: HostLink,
  userKey: string,
  endpoints: readonly string[],
  { net, self, ledger, clock, readOwn }: AdmitDeps,
): Promise<Grant> {
  const { jwt, expires } = await dialerJwt(link, userKey, net, clock.now());
  const { since } = credentialsIn(await readOwn());
  return signStatement<Grant>(ledger, "grant", {
    v: 1,
    net,
    host: self,
    peer: link.peer,
    account: link.account,
    jwt,
    endpoints: [...endpoints],
    expires,
    ...(since === undefined ? {} : { since }),
  });
}
