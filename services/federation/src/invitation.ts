/**
 * Invitations: made by a member, sent outside the network, good for one partner, once. What is kept of one is the hash of
 * its token and who used it; the text itself exists only at its bearer.
 */
import { randomBytes } from "node:crypto";
import { createLobbyCredentials } from "@handfast/nats-operator/credentials";
import { createAccountKey } from "@handfast/nats-operator/keys";
import { fromUtf8, toB64u, toBytes } from "@handfast/protocol/bytes";
import { type Charter, networkIdOf, parseCharter } from "@handfast/protocol/charter";
import {
  type CallRefusal,
  formatInvitation,
  Invitation,
  invitationHash,
  linkRules,
  parseInvitation,
} from "@handfast/protocol/federation";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { LinksStore } from "./links-store.ts";
import { no, readCredentials, type Speaker } from "./speaker.ts";
import { credentialsIn, isSigned, signStatement } from "./statements.ts";
import type { Wire } from "./wire.ts";

const hourMs = 3_600_000;

/** Makes one. Its token is stored before anyone has it. */
export async function createInvitation(
  wanted: { readonly endpoints: readonly string[]; readonly validHours?: number | undefined },
  deps: {
    readonly own: Speaker;
    readonly charter: Uint8Array;
    readonly caPem: string;
    readonly wire: Pick<Wire, "allowBearer">;
    readonly ledger: Pick<LedgerClient, "sign">;
    readonly store: LinksStore;
    readonly nowMs: number;
  },
): Promise<{ readonly invitation: string; readonly expires: number }> {
  const hours = Math.min(wanted.validHours ?? linkRules.invitationHours, linkRules.invitationHours);
  const validMs = Math.floor(hours * hourMs);
  const token = toB64u(randomBytes(32));
  const { account, seed } = createAccountKey();
  const lobby = await createLobbyCredentials(seed, { token, nowMs: deps.nowMs, validMs });
  const expires = deps.nowMs + validMs;
  const charter = fromUtf8(deps.charter) ?? "";
  const { partner, name } = deps.own;
  const unsigned: Omit<Invitation, "sig"> = {
    v: 1,
    net: networkIdOf(deps.charter),
    charter,
    inviter: { partner, name, ...credentialsIn(deps.own) },
    endpoints: [...wanted.endpoints],
    caPem: deps.caPem,
    lobby: { ...lobby, token },
    expires,
  };
  const invitation = await signStatement<Invitation>(deps.ledger, "invitation", unsigned);
  // Our own shape is checked as strictly as theirs: an endpoint nobody can dial is found here, not at the newcomer.
  const text = formatInvitation(Invitation.parse(invitation));
  deps.store.keepInvitation({
    hash: invitationHash(token),
    expires,
    endpoints: [...wanted.endpoints],
    usedBy: null,
    lobby: account,
  });
  await deps.wire.allowBearer(account);
  return { invitation: text, expires };
}

/** An invitation that proved itself: its charter is its network's, and its inviter signed it. */
export type ReadInvitation = {
  readonly ok: true;
  readonly invitation: Invitation;
  readonly charter: Charter;
  readonly charterBytes: Uint8Array;
  readonly inviter: Speaker;
};

/**
 * Reads an invitation somebody sent, by what it shows itself. Opens no connection.
 * * @returns `malformed`, `schema`, ... when it is none; `invitation-tampered` when it is not as its inviter signed it;
 * `invitation-expired`.
 */
export function readInvitation(text: string, nowMs: number): ReadInvitation | CallRefusal {
  const parsed = parseInvitation(text);
  if (!parsed.ok) return no(parsed.code, parsed.detail);
  const invitation = parsed.value;
  const charterBytes = toBytes(invitation.charter);
  const charter = parseCharter(charterBytes);
  if (!charter.ok || networkIdOf(charterBytes) !== invitation.net) {
    return no("invitation-tampered", "the charter is not the network's");
  }
  const inviter = readCredentials(invitation.inviter, invitation.net);
  if (!inviter.ok) return no("invitation-tampered", `the inviter's log: ${inviter.detail ?? inviter.code}`);
  const { partner, name } = invitation.inviter;
  if (partner !== inviter.value.partner || name !== inviter.value.name) {
    return no("invitation-tampered", "the inviter is not whose log it brings");
  }
  if (!isSigned("invitation", invitation, inviter.value))
    return no("invitation-tampered", "the signature is wrong");
  if (nowMs >= invitation.expires) return no("invitation-expired", "it has expired: ask for a new one");
  return { ok: true, invitation, charter: charter.value, charterBytes, inviter: inviter.value };
}
