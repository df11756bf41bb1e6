/**
 * Signed notes (c2sp.org/signed-note): a text, an empty line, signature lines.
 *
 * The text is what counts: two notes say the same when their texts are equal, no matter who signed them.
 * Signatures by keys one does not know are kept, since somebody else may know them, and mean nothing.
 */
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { joined, toUtf8 } from "./bytes.ts";
import {
  hasControls,
  isKeyName,
  type NoteKey,
  type NoteSigner,
  type VerifiedSignature,
  verifyNoteSignature,
} from "./note-keys.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** 128 KiB: room for the sixteen signatures of 5 kB that every reader must accept. */
export const maxNoteBytes = 131_072;
export const maxNoteSignatures = 100;

export type NoteSignature = {
  readonly name: string;
  /** Eight hex digits. With the name it says which key, and of which type. */
  readonly id: string;
  /** What follows the four bytes of the id; not yet believed. */
  readonly signature: Uint8Array;
};

export type Note = {
  /** Ends with LF. These exact characters, in UTF-8, are what was signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
};

export type NoteFormRefusal =
  | "too-large"
  | "not-utf-8"
  | "control-character"
  | "no-blank-line"
  | "no-signatures"
  | "no-final-newline"
  | "too-many-signatures"
  | "malformed-signature-line"
  | "duplicate-signature";
export type NoteTrustRefusal = "bad-signature" | "no-known-signature";

/** Reads a note without believing it. Takes exactly what `formatNote` writes. */
export function parseNote(
  source: string | Uint8Array,
): { readonly ok: true; readonly note: Note } | Refusal<NoteFormRefusal> {
  const size = typeof source === "string" ? toUtf8(source).length : source.length;
  if (size > maxNoteBytes) return refuse("too-large");
  const whole = typeof source === "string" ? source : decodeUtf8(source);
  if (whole === undefined || !whole.isWellFormed()) return refuse("not-utf-8");
  if (hasControls(whole)) return refuse("control-character");
  // The text may have empty lines of its own; the last one separates it from the signatures.
  const end = whole.lastIndexOf("\n\n");
  if (end < 0) return refuse("no-blank-line");
  const tail = whole.slice(end + 2);
  if (tail === "") return refuse("no-signatures");
  if (!tail.endsWith("\n")) return refuse("no-final-newline");
  const lines = tail.slice(0, -1).split("\n");
  if (lines.length > maxNoteSignatures) return refuse("too-many-signatures");
  const signatures = lines.map(parseSignatureLine).filter((signature) => signature !== undefined);
  if (signatures.length < lines.length) return refuse("malformed-signature-line");
  if (new Set(signatures.map(keyOf)).size < signatures.length) return refuse("duplicate-signature");
  return { ok: true, note: { text: whole.slice(0, end + 1), signatures } };
}

/** Writes a note as it is stored, sent and shown. */
export function formatNote(note: Note): string {
  const lines = note.signatures.map(({ name, id, signature }) => {
    return `— ${name} ${encodeBase64(joined(Uint8Array.fromHex(id), signature))}\n`;
  });
  return `${note.text}\n${lines.join("")}`;
}

/**
 * Checks the signatures made by keys one knows, each once, found by name and id.
 *
 * One of them has to be there, and none may be wrong. Where two known keys share name and id (four
 * bytes, so a malicious owner can make such keys), either may have signed: whether a note holds then
 * does not hang on the order of the keys.
 */
export function verifyNote(
  note: Note,
  keys: readonly NoteKey[],
): { readonly ok: true; readonly signedBy: readonly VerifiedSignature[] } | Refusal<NoteTrustRefusal> {
  const signedBy: VerifiedSignature[] = [];
  for (const { name, id, signature } of note.signatures) {
    const known = keys.filter((key) => key.id === id && key.name === name);
    if (known.length === 0) continue;
    const verified = firstThatHolds(known, note.text, signature);
    if (verified === undefined) return refuse("bad-signature");
    signedBy.push(verified);
  }
  return signedBy.length > 0 ? { ok: true, signedBy } : refuse("no-known-signature");
}

/** `parseNote`, then `verifyNote`. */
export function openNote(
  source: string | Uint8Array,
  keys: readonly NoteKey[],
):
  | { readonly ok: true; readonly note: Note; readonly signedBy: readonly VerifiedSignature[] }
  | Refusal<NoteFormRefusal | NoteTrustRefusal> {
  const parsed = parseNote(source);
  if (!parsed.ok) return parsed;
  const verified = verifyNote(parsed.note, keys);
  return verified.ok ? { ok: true, note: parsed.note, signedBy: verified.signedBy } : verified;
}

/**
 * Signs a text of our own.
 *
 * @param text Ends with LF and has no other control characters.
 * @throws {TypeError} When the text could not be read back.
 */
export function signNote(text: string, ...signers: readonly [NoteSigner, ...NoteSigner[]]): Note {
  if (!text.endsWith("\n") || hasControls(text) || !text.isWellFormed()) {
    throw new TypeError("a note's text ends with a newline and has no other control characters");
  }
  return addSignatures({ text, signatures: [] }, ...signers.map((signer) => signatureBy(signer, text)));
}

/** One more signature for a note, to be sent alone or put in with `addSignatures`. */
export function signatureBy(signer: NoteSigner, text: string): NoteSignature {
  return { name: signer.name, id: signer.id, signature: signer.sign(text) };
}

/** The note with further signatures; of two by one key the first stays. They must be over the same text. */
export function addSignatures(note: Note, ...added: readonly NoteSignature[]): Note {
  const byKey = new Map([...added, ...note.signatures].map((signature) => [keyOf(signature), signature]));
  const order = new Set([...note.signatures, ...added].map(keyOf));
  return { text: note.text, signatures: [...order].map((key) => byKey.get(key) as NoteSignature) };
}

function firstThatHolds(
  keys: readonly NoteKey[],
  text: string,
  signature: Uint8Array,
): VerifiedSignature | undefined {
  for (const key of keys) {
    const verified = verifyNoteSignature(key, text, signature);
    if (verified !== undefined) return verified;
  }
  return undefined;
}

/** `— name base64(id || signature)`, with one space each. */
function parseSignatureLine(line: string): NoteSignature | undefined {
  const [dash, name, encoded, ...rest] = line.split(" ");
  if (dash !== "—" || name === undefined || encoded === undefined || rest.length > 0 || !isKeyName(name))
    return undefined;
  const bytes = decodeBase64(encoded);
  if (bytes === undefined || bytes.length <= idBytes) return undefined;
  return {
    name,
    id: bytes.subarray(0, idBytes).toHex(),
    signature: bytes.subarray(idBytes),
  };
}

const idBytes = 4;

function keyOf(signature: NoteSignature): string {
  return `${signature.name}+${signature.id}`;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Foreign bytes that are not text are refused, not a fault.
    return undefined;
  }
}
