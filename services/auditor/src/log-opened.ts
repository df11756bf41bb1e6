/** Entry 0 of every log: whose it is and which keys may sign for it. */
import { isB64u } from "./b64u.ts";
import { openKey, type VerifyingKey, whyNotKey } from "./ed25519.ts";
import type { Header } from "./gate.ts";
import { decodeMultikey } from "./multikey.ts";
import { isName } from "./name.ts";

export type LogOpened = {
  readonly root: VerifyingKey;
  /** The multikey of the root key. */
  readonly rootText: string;
  readonly logKeys: readonly VerifyingKey[];
  readonly witness: string;
  /** b64u SHA-256 of the next root key. */
  readonly next: string;
  readonly name: string;
  /** The logs that it closes; the first is the one it goes on from. */
  readonly closed: readonly ClosedLog[];
  /** Whether a log key of the log it goes on from opened it, and not the root key. */
  readonly isByLogKey: boolean;
};

/** An earlier log, closed at a size, with the root of its tree there. */
export type ClosedLog = { readonly log: string; readonly size: number; readonly root: string };

/** Reads entry 0 of a log by `by`, or says what is wrong with it. */
export function parseLogOpened(header: Header, by: string): LogOpened | string {
  if (header.type !== "log.opened") return "the first entry is not log.opened";
  if (header.subject !== "none" || header.parentCount > 0 || header.payloadSize >= 0) {
    return "log.opened has no subject, no parents and no payload";
  }
  const x = JSON.parse(header.x) as Record<string, unknown>;
  const names = Object.keys(x).filter((name) => name !== "previous" && name !== "also");
  if (names.join(" ") !== "keys name next root witness") return "x has other members than log.opened takes";
  const { keys, name, next, root, witness, previous, also = [] } = x;
  if (root !== by && previous === undefined) return "the root key is not its author's";
  if (!isName(name) || !isB64u(next, 32)) return "malformed name or next root";
  if (!Array.isArray(keys) || keys.length < 1 || keys.length > 4) return "1 to 4 log keys";
  if (keys.some((key, index) => index > 0 && !(keys[index - 1] < key))) return "log keys not ascending";
  if (previous !== undefined && !isClosed(previous, true)) return "malformed previous log";
  if (!areClosed(also, previous)) return "malformed list of further logs that it closes";
  const opened: VerifyingKey[] = [];
  for (const key of [root, witness, ...keys]) {
    const bytes = typeof key === "string" ? decodeMultikey(key) : undefined;
    const why = bytes === undefined ? "not a multikey" : whyNotKey(bytes);
    if (bytes === undefined || why !== undefined) return `key ${String(key)}: ${why}`;
    opened.push(openKey(bytes));
  }
  const [rootKey, , ...logKeys] = opened;
  return {
    root: rootKey as VerifyingKey,
    rootText: root as string,
    logKeys,
    witness: witness as string,
    next: next as string,
    name,
    closed: isClosed(previous, true) ? [previous, ...also] : [],
    isByLogKey: isClosed(previous, true) && "signed" in previous,
  };
}

function isClosed(value: unknown, maySaySigner = false): value is ClosedLog {
  if (typeof value !== "object" || value === null) return false;
  const { log, root, size, signed, ...more } = value as Record<string, unknown>;
  return (
    Object.keys(more).length === 0 &&
    (signed === undefined || (maySaySigner && signed === "log-key")) &&
    isB64u(log, 16) &&
    isB64u(root, 32) &&
    Number.isSafeInteger(size) &&
    (size as number) > 0
  );
}

/** Further logs, ascending by id, closed only where the root key signs. */
function areClosed(value: unknown, previous: unknown): value is ClosedLog[] {
  if (!Array.isArray(value)) return false;
  if (value.length === 0) return true;
  const isByRoot = isClosed(previous);
  return (
    isByRoot &&
    value.length <= 15 &&
    value.every(
      (one, index) =>
        isClosed(one) && one.log !== previous.log && (index === 0 || value[index - 1].log < one.log),
    )
  );
}
