/** Entry 0 of every log: whose it is and which keys may sign for it. */
import { isB64u } from "./b64u.ts";
import { openKey, type VerifyingKey, whyNotKey } from "./ed25519.ts";
import type { Header } from "./gate.ts";
import { decodeMultikey } from "./multikey.ts";
import { isName } from "./name.ts";

export type LogOpened = {
  readonly root: VerifyingKey;
  readonly logKeys: readonly VerifyingKey[];
  readonly name: string;
  /** The log this one goes on from. */
  readonly previous?: string;
};

/** Reads entry 0 of a log by `by`, or says what is wrong with it. */
export function parseLogOpened(header: Header, by: string): LogOpened | string {
  if (header.type !== "log.opened") return "the first entry is not log.opened";
  if (header.subject !== "none" || header.parentCount > 0 || header.payloadSize >= 0) {
    return "log.opened has no subject, no parents and no payload";
  }
  const x = JSON.parse(header.x) as Record<string, unknown>;
  const names = Object.keys(x).filter((name) => name !== "previous");
  if (names.join(" ") !== "keys name next root witness") return "x has other members than log.opened takes";
  const { keys, name, next, root, witness, previous } = x;
  if (root !== by) return "the root key is not its author's";
  if (!isName(name) || !isB64u(next, 32)) return "malformed name or next root";
  if (!Array.isArray(keys) || keys.length < 1 || keys.length > 4) return "1 to 4 log keys";
  if (keys.some((key, index) => index > 0 && !(keys[index - 1] < key))) return "log keys not ascending";
  if (previous !== undefined && !isPrevious(previous)) return "malformed previous log";
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
    logKeys,
    name,
    ...(isPrevious(previous) && { previous: previous.log }),
  };
}

function isPrevious(value: unknown): value is { log: string; size: number; root: string } {
  if (typeof value !== "object" || value === null) return false;
  const previous = value as Record<string, unknown>;
  return (
    Object.keys(previous).join(" ") === "log root size" &&
    isB64u(previous["log"], 16) &&
    isB64u(previous["root"], 32) &&
    Number.isSafeInteger(previous["size"]) &&
    (previous["size"] as number) > 0
  );
}
