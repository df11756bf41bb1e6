/**
 * Signed statements between partners: an invitation, a join, a grant. The ledger signs ours; theirs count by the keys in force:
 * the newest that a root of the speaker has set, as far as either the statement shows or this node holds. A statement says
 * nothing of when it was signed, so a key that was replaced speaks for nobody, whatever the statement's age.
 */
import { fromB64u, fromUtf8 } from "@handfast/protocol/bytes";
import {
  type CallRefusal,
  type Credentials,
  type StatementKind,
  statementMessage,
  unsignedText,
} from "@handfast/protocol/federation";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import { verify } from "@handfast/tlog/ed25519";
import { isNewer, no, readCredentials, type Speaker } from "./speaker.ts";

/** Whether a log key in force of the one who speaks signed exactly this statement. */
export function isSigned(
  kind: StatementKind,
  statement: { readonly sig: string; readonly [member: string]: unknown },
  by: Pick<Speaker, "keys">,
): boolean {
  const signature = fromB64u(statement.sig);
  const message = statementMessage(kind, unsignedText(statement));
  return signature !== null && by.keys.some((key) => verify(key, message, signature));
}

/**
 * Why a statement does not count; null where it does.
 *
 * @param shown The keys in force by what the statement itself brings.
 * @param held Those by the logs that this node holds; null where it holds none of that partner.
 */
export function whyNotSigned(
  kind: StatementKind,
  statement: { readonly sig: string; readonly [member: string]: unknown },
  shown: Speaker,
  held: Speaker | null,
): CallRefusal | null {
  const isOld = held !== null && isNewer(held, shown);
  if (isSigned(kind, statement, isOld ? held : shown)) return null;
  return isOld && isSigned(kind, statement, shown)
    ? no("key-replaced", `it is signed by a key that ${held.name} has replaced`)
    : no("bad-checkpoint", "the signature is wrong");
}

/** The keys in force of a partner by what this node holds; null where that is nothing. */
export async function heldSpeaker(
  ledger: Pick<LedgerClient, "credentials">,
  partner: PartnerId,
  net: NetworkId,
): Promise<Speaker | null> {
  const { credentials } = await ledger.credentials({ partner });
  if (credentials === null) return null;
  const read = readCredentials(credentials, net);
  if (!read.ok) throw new Error(`the ledger shows keys of ${partner} that are ${read.code}: ${read.detail}`);
  return read.value;
}

/** What a statement brings to show whose keys speak. */
export const credentialsIn = ({ frame, since }: Speaker): Credentials => ({
  opened: fromUtf8(frame) ?? "",
  ...(since.length === 0 ? {} : { since: [...since] }),
});

/** A statement of our own, signed by the ledger. */
export async function signStatement<Statement extends { readonly sig: string }>(
  ledger: Pick<LedgerClient, "sign">,
  kind: StatementKind,
  statement: Omit<Statement, "sig">,
): Promise<Statement> {
  const { sig } = await ledger.sign({ kind, text: unsignedText(statement) });
  return { ...statement, sig } as unknown as Statement;
}

/** Our own log key was replaced at another node of this partner: nodes that know of it refuse what this one signs. */
export class OwnKeyReplacedError extends Error {
  override readonly name = "OwnKeyReplacedError";
  readonly code = "key-replaced";
}

/** Signs only with a key that is in force. @throws {OwnKeyReplacedError} */
export const signingInForce =
  (ledger: Pick<LedgerClient, "sign">, readOwn: () => Promise<Pick<Speaker, "keys">>): LedgerClient["sign"] =>
  async (request) => {
    const [reply, { keys }] = await Promise.all([ledger.sign(request), readOwn()]);
    const signature = fromB64u(reply.sig);
    const message = statementMessage(request.kind, request.text);
    if (signature !== null && keys.some((key) => verify(key, message, signature))) return reply;
    throw new OwnKeyReplacedError("the log key of this node has been replaced: see `handfast log`");
  };

/** What an operator is told of the one fault that only another node of this partner can mend. */
export function refusalOf(error: unknown): CallRefusal {
  if (error instanceof OwnKeyReplacedError) return no(error.code, error.message);
  throw error;
}
