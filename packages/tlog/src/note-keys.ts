/**
 * Keys that sign notes, and the two kinds of signature Handfast knows (c2sp.org/signed-note).
 *
 * Type 0x01 signs the text as it is: a log's own signature. Type 0x04 signs a dated statement about
 * the text (c2sp.org/tlog-cosignature, Ed25519): a witness's. The two signed messages begin
 * differently, so neither can be shown as the other, even by someone who used one key for both.
 */
import { sha256 } from "#runtime";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { joined, toUtf8 } from "./bytes.ts";
import {
  admitKey,
  type KeyRefusal,
  type PublicKey,
  type Signer,
  signatureLength,
  verify,
} from "./ed25519.ts";
import { type Refusal, refuse } from "./refusal.ts";

export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const;
export type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

/** A key one knows under a name. Make it once a key with `noteKey`; the id takes a hash. */
export type NoteKey = {
  /** As in signature lines: for a log's key the origin of the log. */
  readonly name: string;
  /** Eight hex digits: the first four bytes of SHA-256(name || LF || type || public key). */
  readonly id: string;
  readonly type: SignatureType;
  readonly key: PublicKey;
};

/** Signs note texts under a name. */
export type NoteSigner = {
  readonly name: string;
  readonly id: string;
  /** What follows the key id in the signature line. */
  readonly sign: (text: string) => Uint8Array;
};

/** A signature that was checked and holds. `timeSeconds` is a witness's POSIX time, null for a log's signature. */
export type VerifiedSignature = { readonly key: NoteKey; readonly timeSeconds: number | null };

export type VerifierKeyRefusal = "malformed" | "unknown-type" | "wrong-key-id" | KeyRefusal;

/**
 * A known key under its name.
 *
 * @throws {TypeError} When the name cannot stand in a signature line.
 */
export function noteKey(name: string, key: PublicKey, type: SignatureType = signatureTypes.ed25519): NoteKey {
  if (!isKeyName(name)) throw new TypeError("a key name is not empty and has neither white space nor a plus");
  return { name, id: keyId(name, type, key), type, key };
}

/** Signs as a log: the text as it is (type 0x01). */
export function noteSigner(name: string, signer: Signer): NoteSigner {
  const { id } = noteKey(name, signer.publicKey);
  return { name, id, sign: (text) => signer.sign(toUtf8(text)) };
}

/**
 * Signs as a witness that saw the text at one moment (type 0x04).
 *
 * @param timeSeconds POSIX time, an integer from 0 to 2^53 - 1.
 */
export function cosigner(name: string, signer: Signer, timeSeconds: number): NoteSigner {
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds < 0)
    throw new RangeError("a cosignature's time is a whole number of seconds");
  const { id } = noteKey(name, signer.publicKey, signatureTypes.cosignature);
  const sign = (text: string) => {
    const time = new Uint8Array(timeBytes);
    new DataView(time.buffer).setBigUint64(0, BigInt(timeSeconds));
    return joined(time, signer.sign(cosignedMessage(text, timeSeconds)));
  };
  return { name, id, sign };
}

/** Checks one signature by a key whose name and id fit. Undefined when it does not hold. */
export function verifyNoteSignature(
  key: NoteKey,
  text: string,
  signature: Uint8Array,
): VerifiedSignature | undefined {
  switch (key.type) {
    case signatureTypes.ed25519:
      return verify(key.key, toUtf8(text), signature) ? { key, timeSeconds: null } : undefined;
    case signatureTypes.cosignature: {
      if (signature.length !== timeBytes + signatureLength) return undefined;
      const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
      if (time > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
      const timeSeconds = Number(time);
      const holds = verify(key.key, cosignedMessage(text, timeSeconds), signature.subarray(timeBytes));
      return holds ? { key, timeSeconds } : undefined;
    }
  }
}

/** Reads a verifier key, `name+id+base64(type || public key)`, as an operator would paste it. */
export function parseVerifierKey(
  text: string,
): { readonly ok: true; readonly key: NoteKey } | Refusal<VerifierKeyRefusal> {
  const [, name = "", id = "", encoded = ""] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const material = decodeBase64(encoded);
  if (!isKeyName(name) || material === undefined) return refuse("malformed");
  const type = Object.values(signatureTypes).find((known) => known === material[0]);
  if (type === undefined) return refuse("unknown-type");
  const admitted = admitKey(material.subarray(1));
  if (!admitted.ok) return admitted;
  const key = noteKey(name, admitted.key, type);
  return key.id === id ? { ok: true, key } : refuse("wrong-key-id");
}

/** The inverse of `parseVerifierKey`. */
export function formatVerifierKey(key: NoteKey): string {
  return `${key.name}+${key.id}+${encodeBase64(Uint8Array.of(key.type, ...key.key.bytes))}`;
}

/** Whether a name can stand in a signature line: not empty, no Unicode white space, no plus, no control character. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\p{White_Space}+]+$/u.test(name) && !hasControls(name);
}

/** Whether a text has an ASCII control character other than LF, which no part of a note may have. */
export function hasControls(text: string): boolean {
  return /[^\n\u{20}-\u{10ffff}]/u.test(text);
}

const timeBytes = 8;

function cosignedMessage(text: string, timeSeconds: number): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`);
}

function keyId(name: string, type: SignatureType, key: PublicKey): string {
  return sha256(joined(toUtf8(`${name}\n`), Uint8Array.of(type), key.bytes))
    .subarray(0, 4)
    .toHex();
}
