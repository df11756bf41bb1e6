/**
 * The founding charter: its bytes are the network's name, its founders the first members. Its parameters are for
 * those who decide; an audit needs none of them and only asks that they are canonical JSON.
 */
import { hash } from "node:crypto";
import { isB64u } from "./b64u.ts";
import { whyNotKey } from "./ed25519.ts";
import { parseObject } from "./manifest.ts";
import { decodeMultikey } from "./multikey.ts";
import { isName } from "./name.ts";

export type Charter = { readonly net: string; readonly name: string; readonly founders: readonly string[] };

/** Reads the charter, or says why it is none. */
export function parseCharter(bytes: Buffer): Charter | string {
  const value = parseObject(bytes);
  if (typeof value === "string") return value;
  const { name, founders, nonce } = value;
  if (!isName(name)) return "a charter has a name";
  if (!isB64u(nonce, 16)) return "a charter has a nonce of 16 bytes";
  if (!Array.isArray(founders) || founders.length < 1 || founders.length > 16) return "1 to 16 founders";
  if (new Set(founders).size < founders.length) return "a founder named twice";
  for (const founder of founders as unknown[]) {
    const key = typeof founder === "string" ? decodeMultikey(founder) : undefined;
    const why = key === undefined ? "not a multikey" : whyNotKey(key);
    if (why !== undefined) return `a founder's key: ${why}`;
  }
  return { net: networkId(bytes), name, founders: founders as string[] };
}

/** b64u(SHA-256(`handfast/charter/v1` NUL bytes)). */
function networkId(bytes: Buffer): string {
  return hash("sha256", Buffer.concat([Buffer.from("handfast/charter/v1\0"), bytes]), "base64url");
}
