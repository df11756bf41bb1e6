/** One answer for one key: the ledger keeps it with the entries, for seven days, and nobody else keeps any. */

import type { AppendReply, AppendRequest } from "@handfast/api/messages/ledger";
import type { KeptReply, NodeStore } from "@handfast/node-store/node-store";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import type { Hash, PinnedRef } from "@handfast/protocol/ids";
import { damaged } from "./fault.ts";

export const keepRepliesMs = 7 * 86_400_000;

type Kept = { readonly refs: PinnedRef[]; readonly position: number };

export function keptReply(key: Hash, request: Hash, answer: Kept, atMs: number): KeptReply {
  const text = JSON.stringify(answer);
  return { key, request, reply: `${sealOf({ key, request, reply: text, atMs })} ${text}`, atMs };
}

/** Recognizes a row that the disk has changed: nothing else would. */
const sealOf = ({ key, request, reply, atMs }: KeptReply): string =>
  toB64u(labelledHash("handfast/kept-reply/v1", `${key} ${request} ${atMs} ${reply}`));

/**
 * The answer in a row, as it was kept. Rows of earlier releases have no seal and are taken as they are.
 *
 * @throws {LedgerError} `fatal` where it is no longer what was kept.
 */
export function openReply(kept: KeptReply): Kept {
  const [seal = "", ...rest] = kept.reply.split(" ");
  const isSealed = !seal.startsWith("{");
  const text = isSealed ? rest.join(" ") : kept.reply;
  if (isSealed && seal !== sealOf({ ...kept, reply: text }))
    throw damaged(`the answer kept under the key ${kept.key} is no longer what was stored`);
  return JSON.parse(text) as Kept;
}

/**
 * What was answered to this key; null where it is new, or older than it must be kept.
 *
 * @throws {LedgerError} `fatal` where the disk has changed the row.
 */
export function recallReply(
  node: NodeStore,
  { key, request = key }: Pick<AppendRequest, "key" | "request">,
  nowMs: number,
): AppendReply | null {
  const kept = key === undefined ? null : node.recall(key);
  if (kept === null) return null;
  const answered = openReply(kept);
  if (kept.atMs < nowMs - keepRepliesMs) return null;
  if (kept.request !== request) return { ok: false, code: "idempotency-key-reused" };
  const { refs, position } = answered;
  return { ok: true, refs, position, replayed: true, entries: [] };
}
