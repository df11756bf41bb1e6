/** Refs: `log.seq` names an entry, `log.seq@hash` names it together with its bytes. */
import { isB64u } from "./b64u.ts";

export type Ref = { readonly log: string; readonly seq: number; readonly hash?: string };

const form = /^([A-Za-z0-9_-]{22})\.(0|[1-9][0-9]{0,15})(?:@([A-Za-z0-9_-]{43}))?$/;

/** Reads either form, or gives undefined. */
export function parseRef(text: unknown): Ref | undefined {
  const match = typeof text === "string" ? form.exec(text) : null;
  if (match === null) return undefined;
  const [, log, digits, hash] = match;
  const seq = Number(digits);
  if (!isB64u(log, 16) || !Number.isSafeInteger(seq)) return undefined;
  if (hash === undefined) return { log, seq };
  return isB64u(hash, 32) ? { log, seq, hash } : undefined;
}

/** A ref without hash. */
export function isPlainRef(text: unknown): text is string {
  return typeof text === "string" && !text.includes("@") && parseRef(text) !== undefined;
}

/** A ref with hash. */
export function isPinnedRef(text: unknown): text is string {
  return typeof text === "string" && text.includes("@") && parseRef(text) !== undefined;
}
