/**
 * The names things have on the wire. A partner is named by its first root key, a log by 16 random bytes, an entry
 * by its place in its log: nothing is assigned by anyone else, so nothing can collide or be squatted.
 */
import { base58 } from "@scure/base";
import { z } from "zod";
import { labelledHash, toB64u } from "./bytes.ts";
import { formats } from "./formats.ts";

/** Canonical base64url of as many bytes as the form has. */
const b64u = (length: number, form: string) => {
  const canonical = new RegExp(`^${form}$`);
  return z
    .string()
    .length(length)
    .refine((text) => canonical.test(text), { message: "not canonical base64url" });
};
// Canonical base64url ends in a character whose spare bits are zero: 4 of them behind 16 bytes, 2 behind 32.
const logText = "[A-Za-z0-9_-]{21}[AQgw]";
const hashText = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]";

/**
 * Multikey of an Ed25519 public key: `z` and base58btc of 0xed 0x01 and 32 bytes, 48 characters.
 *
 * Texts of one length sort as the numbers they stand for, since base58's digits are in the order of their code units;
 * so whether the first two bytes are 0xed 0x01 is seen without decoding: the text lies between the two below.
 */
export const Multikey = z
  .string()
  .regex(/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/)
  .refine((text) => text >= lowestMultikey && text <= highestMultikey, { message: "not an Ed25519 key" })
  .register(formats, {
    id: "multikey",
    description:
      "Ed25519 public key: `z`, then base58btc of 0xed 0x01 and the 32 bytes. A partner is named by its first one.",
  });
export const lowestMultikey = toMultikey(new Uint8Array(32));
export const highestMultikey = toMultikey(new Uint8Array(32).fill(255));
/**
 * A partner, by its first root key. A schema of its own, because schemas are searched for the places that name partners
 * (`namesPartner`), and not every key is a partner's name.
 */
export const PartnerId = Multikey
  // With its own definition, or zod would take the copy for a child that stands beside its parent.
  .clone(Multikey._zod.def)
  .register(formats, formats.get(Multikey) ?? {});
export type PartnerId = z.infer<typeof PartnerId>;

/** b64u of SHA-256, 43 characters. */
export const Hash = b64u(43, hashText).register(formats, {
  id: "hash",
  description: "SHA-256, base64url without padding, in the one canonical spelling.",
});
export type Hash = z.infer<typeof Hash>;
/** Hash of the founding charter. */
export const NetworkId = Hash;
export type NetworkId = z.infer<typeof NetworkId>;
/** b64u of 16 random bytes, 22 characters. */
export const LogId = b64u(22, logText).register(formats, {
  id: "log-id",
  description: "16 bytes, base64url without padding, in the one canonical spelling.",
});
export type LogId = z.infer<typeof LogId>;

/** How a branch is named here: no log id ends in this, so none can come from elsewhere or be chosen by anybody. */
const branchMark = "~";
const lineText = `(?:${logText}|[A-Za-z0-9_-]{21}${branchMark})`;
/**
 * One history of a log, as this node names it. The history it held first has the log's own id; where the author signed
 * another, that *branch* has a name of the same length which only this node knows.
 */
export const LineId = z
  .string()
  .length(22)
  .regex(new RegExp(`^${lineText}$`));
export type LineId = z.infer<typeof LineId>;
/** Whether a line is a branch beside the history that was held first. */
export const isBranch = (line: LineId): boolean => line.endsWith(branchMark);

const seqText = "(?:0|[1-9][0-9]{0,15})";
/** The forms of the parts of a ref, as regular expressions without groups. */
export const refPatterns = { log: logText, seq: seqText, hash: hashText } as const;
const isPlace = (ref: string): boolean => Number.isSafeInteger(splitRef(ref).seq);
const refLike = (form: string): z.ZodString =>
  z
    .string()
    .regex(new RegExp(`^${form}$`))
    .refine(isPlace, { message: "no log is that long" });

/** `log.seq`: an entry, and the thing it created. */
export const Ref = refLike(`${logText}\\.${seqText}`).register(formats, {
  id: "ref",
  description: "`log.seq`: log id, and seq in decimal without leading zeros, at most 2^53-1.",
});
export type Ref = z.infer<typeof Ref>;
/** `log.seq@hash`: an entry and its exact bytes. */
export const PinnedRef = refLike(`${logText}\\.${seqText}@${hashText}`).register(formats, {
  id: "pinned-ref",
  description: "`log.seq@hash`: a ref and the leaf hash of that entry.",
});
export type PinnedRef = z.infer<typeof PinnedRef>;

/** `line.seq`: an entry as this node names it. */
export const LineRef = refLike(`${lineText}\\.${seqText}`).register(formats, {
  id: "line-ref",
  description:
    "`log.seq`, an entry or the thing it created; on a further history of a log, which its author signed beside the first, the name that this node gave that history stands for the log's.",
});
export type LineRef = z.infer<typeof LineRef>;
/** `line.seq@hash`: the same with the entry's leaf hash. */
export const PinnedLineRef = refLike(`${lineText}\\.${seqText}@${hashText}`);
export type PinnedLineRef = z.infer<typeof PinnedLineRef>;

const refOrPinned = new RegExp(`^${logText}\\.${seqText}(?:@${hashText})?$`);
/** Whether a text is a ref or a pinned ref. */
export const isRef = (text: string): boolean => refOrPinned.test(text) && isPlace(text);

const lineRefOrPinned = new RegExp(`^${lineText}\\.${seqText}(?:@${hashText})?$`);
/** Whether a text is a ref or pinned ref as this node names entries. */
export const isLineRef = (text: string): boolean => lineRefOrPinned.test(text) && isPlace(text);

/** A calendar day, `YYYY-MM-DD`; over at the next midnight UTC. */
export const Day = z.iso
  .date({ error: "is not a valid date (YYYY-MM-DD), for example 2030-06-01" })
  .register(formats, { id: "day", description: "`YYYY-MM-DD` that exists in the Gregorian calendar." });
export type Day = z.infer<typeof Day>;

/** Whether a schema is `PartnerId`, or was made from it by a further check or a description. */
export function namesPartner(schema: z.core.$ZodType): boolean {
  for (let from: z.core.$ZodType | undefined = schema; from !== undefined; from = from._zod.parent)
    if (from === PartnerId) return true;
  return false;
}

export const refOf = (log: LogId, seq: number): Ref => `${log}.${seq}`;
export const pin = (ref: Ref, hash: Hash): PinnedRef => `${ref}@${hash}`;
/** The ref inside a pinned ref (or a ref itself). */
export const unpin = (ref: Ref | PinnedRef): Ref => {
  const end = ref.indexOf("@");
  return end < 0 ? ref : ref.slice(0, end);
};
export const hashOf = (ref: PinnedRef): Hash => ref.slice(ref.indexOf("@") + 1);

/** The name of the branch that leaves a line of a log with the entry of this leaf hash. It begins no option of a command line. */
export const branchNameOf = (log: LogId, base: LineId, leafHash: Hash): LineId =>
  toB64u(labelledHash("handfast/line/v1", `${log}\0${base}\0${leafHash}`)).slice(0, 21) + branchMark;

/** Parts of a ref or pinned ref that already passed its schema. */
export function splitRef(ref: Ref | PinnedRef): { readonly log: LogId; readonly seq: number } {
  const plain = unpin(ref);
  return { log: plain.slice(0, 22), seq: Number(plain.slice(23)) };
}

/** Multikey text of a raw 32-byte Ed25519 public key. */
export function toMultikey(raw: Uint8Array): string {
  return `z${base58.encode(Uint8Array.of(0xed, 0x01, ...raw))}`;
}

/** Raw 32 bytes of a multikey, or null where the text is not a canonical Ed25519 multikey. */
export function fromMultikey(text: string): Uint8Array | null {
  if (!Multikey.safeParse(text).success) return null;
  return base58.decode(text.slice(1)).slice(2);
}
