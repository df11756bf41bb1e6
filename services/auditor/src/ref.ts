/** Refs: `log.seq` names an entry, `log.seq@hash` names it together with its bytes. */
import { decodeB64u } from "./b64u.ts";

export type Ref = { readonly log: string; readonly seq: number; readonly hash?: string };

const logLength = 22;
const hashLength = 43;
const scratch = new Uint8Array(32);

/** Reads either form, or gives undefined. Without a regular expression, since a replay reads millions. */
export function parseRef(text: unknown): Ref | undefined {
  if (typeof text !== "string" || text.charCodeAt(logLength) !== 0x2e) return undefined;
  if (!decodeB64u(text, 0, 16, scratch, 0)) return undefined;
  const pin = text.indexOf("@", logLength);
  const digits = text.slice(logLength + 1, pin < 0 ? text.length : pin);
  const seq = Number(digits);
  if (!Number.isSafeInteger(seq) || String(seq) !== digits || seq < 0) return undefined;
  const log = text.slice(0, logLength);
  if (pin < 0) return { log, seq };
  const isHash = text.length === pin + 1 + hashLength && decodeB64u(text, pin + 1, 32, scratch, 0);
  return isHash ? { log, seq, hash: text.slice(pin + 1) } : undefined;
}

/** A ref without hash. */
export function isPlainRef(text: unknown): text is string {
  return typeof text === "string" && !text.includes("@") && parseRef(text) !== undefined;
}

/** A ref with hash. */
export function isPinnedRef(text: unknown): text is string {
  return typeof text === "string" && text.includes("@") && parseRef(text) !== undefined;
}
