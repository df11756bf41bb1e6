/**
 * The text of a token: `hf_<id>_<secret>_<crc>`. A prefix that secret scanners find, an id to look it up and revoke it by, 256 random
 * bits, and a check that tells a mistyped token from a wrong one before anything is looked up.
 */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

export type TokenText = { readonly id: string; readonly secret: string };

const form = /^hf_([a-z0-9]{10})_([A-Za-z0-9_-]{43})_([0-9a-f]{8})$/;

export function createTokenText(): TokenText & { readonly text: string } {
  const id = randomBytes(5).toString("hex");
  const secret = randomBytes(32).toString("base64url");
  return { id, secret, text: `hf_${id}_${secret}_${check(id, secret)}` };
}

/** The parts of a text that can be a token, or null. */
export function parseTokenText(text: string): TokenText | null {
  const [, id = "", secret = "", crc] = form.exec(text) ?? [];
  return crc !== undefined && crc === check(id, secret) ? { id, secret } : null;
}

const check = (id: string, secret: string): string =>
  crc32(`hf_${id}_${secret}`).toString(16).padStart(8, "0");
