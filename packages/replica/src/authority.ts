/**
 * Who may sign a log's checkpoints. A checkpoint of size n is authorised by the newest control entry below n; right after a
 * control entry only the root counts, so that a stolen log key cannot rotate itself (protocol section 2).
 */

import { fromMultikey, type LogId, type NetworkId, type PartnerId } from "@handfast/protocol/ids";
import type { LogOpenedX } from "@handfast/protocol/log";
import { admitKey, type PublicKey } from "@handfast/tlog/ed25519";
import { type NoteKey, noteKey } from "@handfast/tlog/note-keys";

/** The origin line of a log's checkpoints, which is also the name of its keys. */
export const originOf = (net: NetworkId, by: PartnerId, log: LogId): string =>
  `handfast/v1/${net}/${by}/${log}`;

export type Authority = {
  /** The keys of which one must have signed a checkpoint of this size. */
  keysAt(size: number): readonly NoteKey[];
};

/** What `log.opened` says about keys, or the member that is none by the key rule. Some milliseconds. */
export function authorityOf(
  origin: string,
  opened: LogOpenedX,
): { readonly ok: true; readonly authority: Authority } | { readonly ok: false; readonly wrong: string } {
  const root = admitted(opened.root);
  if (root === null) return { ok: false, wrong: "x.root" };
  if (admitted(opened.witness) === null) return { ok: false, wrong: "x.witness" };
  const keys = opened.keys.map(admitted);
  if (!keys.every((key) => key !== null)) return { ok: false, wrong: "x.keys" };
  const rootKeys = [noteKey(origin, root)];
  const logKeys = keys.map((key) => noteKey(origin, key));
  // Until keys can be set anew, entry 0 is the only control entry a log has.
  return { ok: true, authority: { keysAt: (size) => (size === 1 ? rootKeys : logKeys) } };
}

function admitted(multikey: string): PublicKey | null {
  const bytes = fromMultikey(multikey);
  const answer = bytes === null ? null : admitKey(bytes);
  return answer?.ok ? answer.key : null;
}
