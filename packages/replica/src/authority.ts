/**
 * Who may sign a log's checkpoints. A checkpoint of size n is authorised by the newest control entry below n; right after a
 * control entry only the root counts, so that a stolen log key cannot rotate itself (protocol section 2). A later log may be
 * opened by a log key of the earlier one, so that a restored node can go on; such an opening changes no key.
 */

import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import { fromMultikey, type Hash, type LogId, type NetworkId, type PartnerId } from "@handfast/protocol/ids";
import { isOpenedByLogKey, type LogOpenedX } from "@handfast/protocol/log";
import { admitKey, type PublicKey } from "@handfast/tlog/ed25519";
import { type NoteKey, noteKey } from "@handfast/tlog/note-keys";

/** The origin line of a log's checkpoints, which is also the name of its keys. */
export const originOf = (net: NetworkId, by: PartnerId, log: LogId): string =>
  `handfast/v1/${net}/${by}/${log}`;

/** What a control entry puts in force: the root, what its successor must hash to, and the log's keys, ascending. */
export type InForce = {
  readonly root: string;
  readonly next: Hash;
  readonly keys: readonly string[];
  /** How many roots there were before this one; 0 for the root that names the partner. */
  readonly generation: number;
};

export type Authority = {
  /** What entry 0 says. */
  readonly opened: LogOpenedX;
  /** The keys of which one must have signed a checkpoint of this size. */
  keysAt(size: number): readonly NoteKey[];
  /** What is in force for entries that come after the first `size`. */
  inForceAt(size: number): InForce;
};

type Answer =
  | { readonly ok: true; readonly authority: Authority }
  | { readonly ok: false; readonly wrong: string };

/**
 * What `log.opened` says about keys, or the member that does not fit. Some milliseconds.
 *
 * @param before What was in force in the log it goes on from; null for a partner's first log, opened by the root that names it.
 */
export function authorityOf(
  { origin, by }: { readonly origin: string; readonly by: PartnerId },
  opened: LogOpenedX,
  before: InForce | null,
): Answer {
  const root = admitted(opened.root);
  if (root === null) return noKey("root");
  if (admitted(opened.witness) === null) return noKey("witness");
  const keys = opened.keys.map(admitted);
  if (!keys.every((key) => key !== null)) return noKey("keys");
  const misfit =
    before === null
      ? opened.root === by
        ? null
        : "x.root: a first log is opened by the root that names its author"
      : misfitOfSuccession(opened, before);
  if (misfit !== null) return { ok: false, wrong: misfit };

  const logKeys = keys.map((key) => noteKey(origin, key));
  // A log key opens a log with the very keys that were in force.
  const controlKeys = isOpenedByLogKey(opened) ? logKeys : [noteKey(origin, root)];
  const generation = before === null ? 0 : before.generation + (before.root === opened.root ? 0 : 1);
  const inForce: InForce = { root: opened.root, next: opened.next, keys: opened.keys, generation };
  // Until keys can be set anew, entry 0 is the only control entry a log has.
  return {
    ok: true,
    authority: { opened, keysAt: (size) => (size === 1 ? controlKeys : logKeys), inForceAt: () => inForce },
  };
}

/** The commitment to a root key that is not in force yet: what `next` holds. */
export const rootHash = (multikey: string): Hash => toB64u(labelledHash("handfast/root/v1", multikey));

function misfitOfSuccession(opened: LogOpenedX, before: InForce): string | null {
  if (isOpenedByLogKey(opened))
    return opened.root === before.root && opened.next === before.next && isSame(opened.keys, before.keys)
      ? null
      : "x: a log key opens a log with the keys in force, and changes none";
  return misfitOfRoot(opened, before);
}

/** A root stays with the successor it committed to, or is followed by that very one, which commits to a new one. */
function misfitOfRoot(now: Pick<InForce, "root" | "next">, before: InForce): string | null {
  if (now.root === before.root)
    return now.next === before.next ? null : "x.next: a root commits to its successor once";
  if (rootHash(now.root) !== before.next)
    return "x.root: neither the root in force nor the one it committed to";
  return now.next === before.next ? "x.next: still commits to the root that it names" : null;
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((key, index) => key === b[index]);

const noKey = (member: string): Answer => ({ ok: false, wrong: `x.${member}: not a key by the key rule` });

/** Of a text that passed the event's schema. */
function admitted(multikey: string): PublicKey | null {
  const answer = admitKey(fromMultikey(multikey) as Uint8Array);
  return answer.ok ? answer.key : null;
}
