/**
 * Checkpoints (c2sp.org/tlog-checkpoint): a log's size and root at one moment, as a signed note.
 *
 * One signature under a checkpoint covers every entry below its size. The origin line names the
 * log, and the log's signature uses the origin as its key name, so a checkpoint of one log says
 * nothing about another.
 */
import { decodeBase64, encodeBase64 } from "./base64.ts";
import type { Signer } from "./ed25519.ts";
import {
  type Note,
  type NoteFormRefusal,
  type NoteTrustRefusal,
  parseNote,
  signNote,
  verifyNote,
} from "./note.ts";
import { type NoteKey, noteSigner, signatureTypes, type VerifiedSignature } from "./note-keys.ts";
import { isSize } from "./powers.ts";
import type { TreeHead } from "./proofs.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { hashBytes } from "./tree.ts";

export type Checkpoint = TreeHead & {
  /** One line that names the log: `handfast/v1/<net>/<by>/<log>` for ours. */
  readonly origin: string;
  /** Further lines. The specification advises against them and no Handfast log has any. */
  readonly extensions: readonly string[];
};

export type CheckpointFormRefusal =
  | "fewer-than-three-lines"
  | "empty-line"
  | "size-not-canonical"
  | "root-not-32-bytes";
export type CheckpointTrustRefusal = "wrong-origin" | "extension-lines" | "not-signed-by-log";

/** A checkpoint as it was sent, with the note it came in: the note's text is what one compares and stores. */
export type ParsedCheckpoint = { readonly checkpoint: Checkpoint; readonly note: Note };

/** The three lines that get signed. */
export function formatCheckpointText({ origin, size, root }: TreeHead & { readonly origin: string }): string {
  if (!isSize(size) || root.length !== hashBytes)
    throw new RangeError("a checkpoint has a size and a root of 32 bytes");
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/** Signs a head of our own log; several signers where a root key and a log key sign together. */
export function signCheckpoint(
  head: TreeHead & { readonly origin: string },
  ...signers: readonly [Signer, ...Signer[]]
): Note {
  const [first, ...others] = signers;
  return signNote(
    formatCheckpointText(head),
    noteSigner(head.origin, first),
    ...others.map((signer) => noteSigner(head.origin, signer)),
  );
}

/** Reads the text of a note as a checkpoint; extension lines are kept and told. */
export function parseCheckpointText(
  text: string,
): { readonly ok: true; readonly checkpoint: Checkpoint } | Refusal<CheckpointFormRefusal> {
  const [origin, decimal, encoded, ...extensions] = text.slice(0, -1).split("\n");
  if (!text.endsWith("\n") || origin === undefined || decimal === undefined || encoded === undefined) {
    return refuse("fewer-than-three-lines");
  }
  if (origin === "" || extensions.includes("")) return refuse("empty-line");
  const size = /^(0|[1-9][0-9]{0,15})$/.test(decimal) ? Number(decimal) : Number.NaN;
  if (!isSize(size)) return refuse("size-not-canonical");
  const root = decodeBase64(encoded);
  if (root?.length !== hashBytes) return refuse("root-not-32-bytes");
  return { ok: true, checkpoint: { origin, size, root, extensions } };
}

/** Reads a signed checkpoint without believing it. */
export function parseCheckpoint(
  source: string | Uint8Array,
): ({ readonly ok: true } & ParsedCheckpoint) | Refusal<NoteFormRefusal | CheckpointFormRefusal> {
  const parsed = parseNote(source);
  if (!parsed.ok) return parsed;
  const body = parseCheckpointText(parsed.note.text);
  return body.ok ? { ok: true, checkpoint: body.checkpoint, note: parsed.note } : body;
}

/**
 * Reads a checkpoint of the log `origin` and believes it.
 *
 * @param keys The keys that may sign for this log at this size, made with `noteKey(origin, key)`;
 *   keys of witnesses may be among them. At least one of the log's own has to have signed.
 * @returns All known keys that signed. Refuses extension lines: Handfast logs have none.
 */
export function openCheckpoint(
  source: string | Uint8Array,
  origin: string,
  keys: readonly NoteKey[],
):
  | ({ readonly ok: true; readonly signedBy: readonly VerifiedSignature[] } & ParsedCheckpoint)
  | Refusal<NoteFormRefusal | CheckpointFormRefusal | CheckpointTrustRefusal | NoteTrustRefusal> {
  const parsed = parseCheckpoint(source);
  if (!parsed.ok) return parsed;
  if (parsed.checkpoint.origin !== origin) return refuse("wrong-origin");
  if (parsed.checkpoint.extensions.length > 0) return refuse("extension-lines");
  const verified = verifyNote(parsed.note, keys);
  if (!verified.ok) return verified;
  const isOwn = ({ key }: VerifiedSignature) => key.name === origin && key.type === signatureTypes.ed25519;
  return verified.signedBy.some(isOwn)
    ? { ...parsed, signedBy: verified.signedBy }
    : refuse("not-signed-by-log");
}
