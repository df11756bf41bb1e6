/**
 * The names things have on the wire. A partner is named by its first root key, a log by 16 random bytes, an entry
 * by its place in its log: nothing is assigned by anyone else, so nothing can collide or be squatted.
 */
import { base58 } from "@scure/base";
import { z } from "zod";
import { fromB64u } from "./bytes.ts";

const b64u = (bytes: number, length: number) =>
  z
    .string()
    .length(length)
    .refine((text) => fromB64u(text)?.length === bytes, { message: "not canonical base64url" });

/** Multikey of an Ed25519 public key: `z` and base58btc of 0xed 0x01 and 32 bytes, 48 characters. */
export const Multikey = z.string().regex(/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/);
export const PartnerId = Multikey;
export type PartnerId = z.infer<typeof PartnerId>;

/** b64u of SHA-256, 43 characters. */
export const Hash = b64u(32, 43);
export type Hash = z.infer<typeof Hash>;
/** Hash of the founding charter. */
export const NetworkId = Hash;
export type NetworkId = z.infer<typeof NetworkId>;
/** b64u of 16 random bytes, 22 characters. */
export const LogId = b64u(16, 22);
export type LogId = z.infer<typeof LogId>;

const seqText = "(?:0|[1-9][0-9]{0,15})";
/** `log.seq`: an entry, and the thing it created. */
export const Ref = z.string().regex(new RegExp(`^[A-Za-z0-9_-]{22}\\.${seqText}$`));
export type Ref = z.infer<typeof Ref>;
/** `log.seq@hash`: an entry and its exact bytes. */
export const PinnedRef = z.string().regex(new RegExp(`^[A-Za-z0-9_-]{22}\\.${seqText}@[A-Za-z0-9_-]{43}$`));
export type PinnedRef = z.infer<typeof PinnedRef>;

/** A calendar day, `YYYY-MM-DD`; over at the next midnight UTC. */
export const Day = z.iso.date();
export type Day = z.infer<typeof Day>;

export const refOf = (log: LogId, seq: number): Ref => `${log}.${seq}`;
export const pin = (ref: Ref, hash: Hash): PinnedRef => `${ref}@${hash}`;
/** The ref inside a pinned ref (or a ref itself). */
export const unpin = (ref: Ref | PinnedRef): Ref =>
  ref.length > 43 && ref.includes("@") ? ref.slice(0, ref.indexOf("@")) : ref;
export const hashOf = (ref: PinnedRef): Hash => ref.slice(ref.indexOf("@") + 1);

/** Parts of a ref or pinned ref that already passed its schema. */
export function splitRef(ref: Ref | PinnedRef): { readonly log: LogId; readonly seq: number } {
  const plain = unpin(ref);
  return { log: plain.slice(0, 22), seq: Number(plain.slice(23)) };
}

/** Multikey text of a raw 32-byte Ed25519 public key. */
export const toMultikey = (raw: Uint8Array): string => `z${base58.encode(Uint8Array.of(0xed, 0x01, ...raw))}`;

/** Raw 32 bytes of a multikey, or null where the text is no canonical Ed25519 multikey. */
export function fromMultikey(text: string): Uint8Array | null {
  if (!Multikey.safeParse(text).success) return null;
  const bytes = base58.decode(text.slice(1));
  return bytes.length === 34 && bytes[0] === 0xed && bytes[1] === 0x01 ? bytes.slice(2) : null;
}
