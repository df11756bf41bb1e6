/**
 * A next log that only the root key may open: with a new log key, closing a log that was forked or whose key was stolen at its last
 * good size, or by the next root. The root key is elsewhere, so its signature is asked for by a file and comes back in one. Until
 * then nothing is signed here, or the new log would leave behind what was signed meanwhile.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { toBytes } from "@handfast/protocol/bytes";
import { parseHeader } from "@handfast/protocol/header";
import { fromMultikey, type Hash, type LogId, toMultikey } from "@handfast/protocol/ids";
import { isOpenedByLogKey, LogOpenedX } from "@handfast/protocol/log";
import { rootHash } from "@handfast/replica/authority";
import { type HeldLog, verifiedEntry } from "@handfast/replica/replica";
import { chainOf } from "@handfast/replica/succession";
import { counted } from "@handfast/service-kit/progress";
import { openCheckpoint } from "@handfast/tlog/checkpoint";
import { admitKey } from "@handfast/tlog/ed25519";
import { noteKey } from "@handfast/tlog/note-keys";
import { generateKey, publicKeyBytes, signerFrom } from "@handfast/tlog/signer";
import { sameHash } from "@handfast/tlog/tree";
import { z } from "zod";
import { successorsOf } from "./assurance.ts";
import { nextAt } from "./clock.ts";
import { LedgerError } from "./fault.ts";
import { filesIn, type LedgerIdentity, writeSecret } from "./files.ts";
import type { Held } from "./held.ts";
import {
  closedAt,
  closingSize,
  headOf,
  type NextLog,
  type NoNextLog,
  openingOf,
  tipsOf,
} from "./next-log.ts";
import type { OwnLog } from "./own-log.ts";

export type RootWish = {
  /** Closes our log here: what lies beyond has no effect any more. Default: its end, or where its histories part. */
  readonly closeAt?: number | undefined;
  /** The next root, which the earlier log committed to, and the hash of the one after it. Default: the root in force. */
  readonly root?: { readonly key: string; readonly next: Hash } | undefined;
};
export type NoRootRequest =
  | NoNextLog
  | {
      readonly code: "not-that-long" | "not-the-next-root" | "nothing-asked" | "not-signed" | "log-grew";
      readonly detail: string;
    };

/** What lies in the data folder until the answer comes: the opening, and the keys it names. */
const Asked = z.strictObject({
  v: z.literal(1),
  header: z.string(),
  key: z.string(),
  /** The witness key that it names; absent in requests of earlier releases, which kept theirs. */
  witness: z.string().optional(),
  /** How long the log was that is closed at its end; 0 where a size was named. */
  closeAt: z.int().min(0),
});
type Asked = z.infer<typeof Asked>;

/** @throws {LedgerError} `unusable` where the file is damaged. */
function readAsked(dir: string): Asked {
  const path = filesIn(dir).rootRequest;
  try {
    return Asked.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // The parser's message may quote the key.
    throw new LedgerError("unusable", `${path} is damaged`, {
      hint: "take the request back with `handfast keys cancel`, and ask the root key again",
    });
  }
}

export const isAsked = (dir: string): boolean => existsSync(filesIn(dir).rootRequest);

/** @returns The header that the root key is to sign for. */
export function askRoot(
  dir: string,
  held: Held,
  { identity }: OwnLog,
  { closeAt, root }: RootWish,
  { nowMs, log }: { readonly nowMs: number; readonly log: LogId },
): { readonly header: string } | NoRootRequest {
  const tips = tipsOf(held, identity);
  if ("code" in tips) return tips;
  const own = closeAt === undefined ? null : ownBeforeLogKeys(held, identity);
  const [tip, ...others] =
    own === null ? tips : [own, ...tips.filter((each) => !goesOnFrom(each, own, held))];
  if (tip === undefined) throw new LedgerError("fatal", "our own log is not held");
  const size = closeAt ?? Math.min(closingSize(tip, nowMs), partingSize(held, tip));
  if (size > tip.held)
    return { code: "not-that-long", detail: `the log holds ${counted(tip.held, ["entry", "entries"])}` };
  const before = tip.authority.inForceAt(size);
  if (root !== undefined && rootHash(root.key) !== before.next)
    return { code: "not-the-next-root", detail: "the log committed to another next root" };
  const also = others.map((other) => closedAt(other, other.held)).sort((a, b) => (a.log < b.log ? -1 : 1));
  const [key, witness] = [generateKey(), generateKey()];
  const closing = [tip.ats.at(size - 1), ...others.map((other) => other.ats.at(other.held - 1))];
  const entry = openingOf(identity, log, tip, {
    version: held.replica.version,
    at: nextAt(nowMs, closing),
    x: {
      root: root?.key ?? before.root,
      next: root?.next ?? before.next,
      keys: [toMultikey(publicKeyBytes(key))],
      witness: toMultikey(publicKeyBytes(witness)),
      previous: closedAt(tip, size),
      ...(also.length === 0 ? {} : { also }),
    },
  });
  const header = new TextDecoder().decode(entry.bytes);
  const keys = { key: key.exportPem(), witness: witness.exportPem() };
  const asked: Asked = { v: 1, header, ...keys, closeAt: closeAt === undefined ? tip.held : 0 };
  writeSecret(filesIn(dir).rootRequest, JSON.stringify(asked));
  return { header };
}

/**
 * Our own log, where nothing goes on from it but what log keys opened: closed by the root at a last good size, it outranks those,
 * and a thief's among them speaks for nobody. Null where a root has closed it already.
 */
function ownBeforeLogKeys({ replica }: Held, { log }: LedgerIdentity): HeldLog | null {
  const own = replica.logs.get(log);
  const isKeyed = ({ authority }: HeldLog): boolean => isOpenedByLogKey(authority.opened);
  return own !== undefined && successorsOf(replica.logs.values(), log).every(isKeyed) ? own : null;
}

function goesOnFrom(each: HeldLog, own: HeldLog, { replica }: Held): boolean {
  return chainOf(each, replica.logs).includes(own);
}

/** Where a log that holds several histories parts; its end where it holds one. */
function partingSize({ replica }: Held, { log, held }: HeldLog): number {
  return Math.max(1, Math.min(held, ...replica.lines.of(log).flatMap(({ base }) => base?.size ?? [])));
}

/** The log that a signed answer opens. */
export function answeredBy(
  dir: string,
  held: Held,
  { identity }: OwnLog,
  note: string,
): NextLog | NoRootRequest {
  if (!isAsked(dir)) return { code: "nothing-asked", detail: "no request waits for an answer" };
  const asked = readAsked(dir);
  const bytes = toBytes(asked.header);
  const read = parseHeader(bytes);
  if (!read.ok) throw new LedgerError("unusable", `the request to the root key is damaged: ${read.detail}`);
  const entry = verifiedEntry(read.value, bytes);
  const { root, previous } = LogOpenedX.parse(entry.header.x);
  if (previous === undefined) throw new LedgerError("unusable", "the request to the root key closes no log");
  const head = headOf(identity, entry);
  const admitted = admitKey(fromMultikey(root) ?? new Uint8Array());
  const opened = admitted.ok ? openCheckpoint(note, head.origin, [noteKey(head.origin, admitted.key)]) : null;
  if (!opened?.ok || opened.checkpoint.size !== 1 || !sameHash(opened.checkpoint.root, head.root))
    return { code: "not-signed", detail: "the answer is not signed for this request by its root key" };
  const grown = held.replica.logs.get(previous.log)?.held ?? 0;
  if (asked.closeAt > 0 && grown > asked.closeAt)
    return {
      code: "log-grew",
      detail: `a peer gave back entries since: the log holds ${grown} now; ask again`,
    };
  return {
    identity: { ...identity, log: entry.header.log },
    key: signerFrom(asked.key),
    ...(asked.witness === undefined ? {} : { witness: signerFrom(asked.witness) }),
    entry,
    edge: { size: 1, noteSize: 1, note, proof: [] },
    previous: { log: previous.log, size: previous.size },
  };
}

/** The request is answered, or not needed any more. */
export const forgetRequest = (dir: string): void => rmSync(filesIn(dir).rootRequest, { force: true });

/** What a start does with a request whose answer was taken before the process ended: its log is open already. */
export function forgetAnswered(dir: string, isHeld: (log: LogId) => boolean): void {
  if (!isAsked(dir)) return;
  try {
    const read = parseHeader(toBytes(readAsked(dir).header));
    if (read.ok && isHeld(read.value.log)) forgetRequest(dir);
  } catch {
    // Damaged: nothing is signed until it is taken back, and who answers it is told so.
  }
}
