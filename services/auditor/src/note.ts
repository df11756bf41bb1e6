/**
 * C2SP signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint): three lines that say how long a
 * log is and what its root is, an empty line, and signatures by name. Handfast's checkpoints have no extension lines.
 * Signatures of unknown kinds and names are kept and ignored, as C2SP requires.
 */
import { hash } from "node:crypto";

type NoteSignature = { readonly name: string; readonly keyId: string; readonly signature: Buffer };

export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** What the signatures are over: the text up to the empty line, its last LF included. */
  readonly message: Buffer;
  readonly signatures: readonly NoteSignature[];
};

const signatureForm = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const maxSignatures = 100;

/** Parses the text of a checkpoint, or says why it is not one. */
export function parseCheckpoint(text: string): Checkpoint | string {
  const gap = text.lastIndexOf("\n\n");
  if (gap < 0 || !text.endsWith("\n")) return "a note is a text, an empty line and signatures";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a note is text without controls
  if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(text)) return "a note holds no control characters";
  const body = text.slice(0, gap + 1);
  const [origin, digits, rootText, ...more] = body.slice(0, -1).split("\n");
  if (!origin || digits === undefined || rootText === undefined || more.length > 0) {
    return "a checkpoint has three lines: origin, size, root";
  }
  const size = Number(digits);
  if (!/^(0|[1-9][0-9]{0,15})$/.test(digits) || !Number.isSafeInteger(size))
    return "the size is not a decimal number";
  const root = decodeBase64(rootText);
  if (root?.length !== 32) return "the root is not 32 bytes";
  const signatures: NoteSignature[] = [];
  const lines = text.slice(gap + 2, -1).split("\n");
  if (lines.length > maxSignatures || new Set(lines).size < lines.length) return "too many signatures";
  for (const line of lines) {
    const [, name, encoded] = signatureForm.exec(line) ?? [];
    const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
    if (name === undefined || bytes === undefined || bytes.length < 5) return "a signature line is malformed";
    signatures.push({ name, keyId: bytes.toString("hex", 0, 4), signature: bytes.subarray(4) });
  }
  return { origin, size, root, message: Buffer.from(body), signatures };
}

/** A note that lies beyond the entries at hand, after the anchored proof that leads there: hashes in base64, an empty line. */
export function parseProved(text: string): { readonly proof: readonly Buffer[]; readonly note: string } {
  const hashes = /^(?:[A-Za-z0-9+/]{43}=\n){1,64}\n/.exec(text)?.[0] ?? "";
  const proof = hashes.split("\n").filter((line) => line !== "");
  return { proof: proof.map((line) => Buffer.from(line, "base64")), note: text.slice(hashes.length) };
}

function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** The id by which a signature names its key: the first four bytes of SHA-256(name LF 0x01 key), in hex. */
export function keyIdOf(name: string, key: Buffer): string {
  const named = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(1), key]);
  return hash("sha256", named, "hex").slice(0, 8);
}
