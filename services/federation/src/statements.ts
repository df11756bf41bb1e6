/**
 * Signed statements between partners: an invitation, a join, a grant. The ledger signs ours; theirs are checked against
 * the log keys in the `log.opened` they bring, which their root key signed, and the root key is the partner's name.
 */
import { fromB64u, toBytes } from "@handfast/protocol/bytes";
import {
  type CallRefusal,
  type StatementKind,
  statementMessage,
  unsignedText,
} from "@handfast/protocol/federation";
import { parseFrame } from "@handfast/protocol/frame";
import { parseHeader } from "@handfast/protocol/header";
import { fromMultikey, type LogId, type NetworkId, type PartnerId } from "@handfast/protocol/ids";
import { LogOpenedX } from "@handfast/protocol/log";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import { openCheckpoint } from "@handfast/tlog/checkpoint";
import { admitKey, type PublicKey, verify } from "@handfast/tlog/ed25519";
import { noteKey } from "@handfast/tlog/note-keys";
import { leafHash, sameHash } from "@handfast/tlog/tree";

/** A partner as its own opened log tells it. */
export type Opened = {
  readonly partner: PartnerId;
  readonly name: string;
  readonly log: LogId;
  readonly keys: readonly PublicKey[];
  readonly frame: Uint8Array;
};

type Read<T> = { readonly ok: true; readonly value: T } | CallRefusal;
export const no = (code: CallRefusal["code"], detail: string): CallRefusal => ({ ok: false, code, detail });

/** Reads the frame `0 1` of a log: one entry, whose checkpoint the root key in its `by` has signed. */
export function readOpened(text: string, net: NetworkId): Read<Opened> {
  const frame = parseFrame(toBytes(text));
  if ("malformed" in frame) return no("malformed", frame.malformed);
  const [bytes] = frame.headers;
  if (bytes === undefined || frame.from !== 0 || frame.to !== 1 || frame.proof.length > 0) {
    return no("malformed", "not the first entry of a log");
  }
  const header = parseHeader(bytes);
  if (!header.ok) return no(header.code, header.detail);
  const { by, log, type } = header.value;
  if (frame.net !== net || header.value.net !== net) return no("unknown-network", "a log of another network");
  const x = LogOpenedX.safeParse(header.value.x);
  if (type !== "log.opened" || !x.success || x.data.root !== by || log !== frame.log) {
    return no("schema", "does not open the log of the partner it names");
  }
  const root = keyOf(by);
  const keys = x.data.keys.map(keyOf);
  if (root === null || keys.includes(null)) return no("bad-checkpoint", "a key that is none");
  const origin = `handfast/v1/${net}/${by}/${log}`;
  const opened = openCheckpoint(frame.note, origin, [noteKey(origin, root)]);
  if (!opened.ok) return no("bad-checkpoint", opened.reason);
  if (opened.checkpoint.size !== 1 || !sameHash(opened.checkpoint.root, leafHash(bytes))) {
    return no("bad-checkpoint", "the checkpoint is not of this entry");
  }
  const value = { partner: by, name: x.data.name, log, keys: keys as PublicKey[], frame: toBytes(text) };
  return { ok: true, value };
}

/** Whether a log key of the one who speaks signed exactly this statement. */
export function isSigned(
  kind: StatementKind,
  statement: { readonly sig: string; readonly [member: string]: unknown },
  by: Opened,
): boolean {
  const signature = fromB64u(statement.sig);
  const message = statementMessage(kind, unsignedText(statement));
  return signature !== null && by.keys.some((key) => verify(key, message, signature));
}

/** A statement of our own, signed by the ledger. */
export async function signStatement<Statement extends { readonly sig: string }>(
  ledger: Pick<LedgerClient, "sign">,
  kind: StatementKind,
  statement: Omit<Statement, "sig">,
): Promise<Statement> {
  const { sig } = await ledger.sign({ kind, text: unsignedText(statement) });
  return { ...statement, sig } as unknown as Statement;
}

function keyOf(multikey: string): PublicKey | null {
  const raw = fromMultikey(multikey);
  const admitted = raw === null ? null : admitKey(raw);
  return admitted?.ok === true ? admitted.key : null;
}
