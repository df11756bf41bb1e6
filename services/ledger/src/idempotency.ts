/** One answer for one key: the ledger keeps it with the entries, for seven days, and nobody else keeps any. */

import type { AppendReply, AppendRequest } from "@handfast/api/messages/ledger";
import type { KeptReply, NodeStore } from "@handfast/node-store/node-store";
import type { Hash, PinnedRef } from "@handfast/protocol/ids";

export const keepRepliesMs = 7 * 86_400_000;

type Kept = { readonly refs: PinnedRef[]; readonly position: number };

export const keptReply = (key: Hash, request: Hash, answer: Kept, atMs: number): KeptReply => ({
  key,
  request,
  reply: JSON.stringify(answer),
  atMs,
});

/** What was answered to this key; null where it is new, or older than it must be kept. */
export function recallReply(
  node: NodeStore,
  { key, request = key }: Pick<AppendRequest, "key" | "request">,
  nowMs: number,
): AppendReply | null {
  const kept = key === undefined ? null : node.recall(key);
  if (kept === null || kept.atMs < nowMs - keepRepliesMs) return null;
  if (kept.request !== request)
    return { ok: false, code: "idempotency-key-reused", detail: "the key was used for another request" };
  const { refs, position } = JSON.parse(kept.reply) as Kept;
  return { ok: true, refs, position, replayed: true, entries: [], heads: [] };
}
