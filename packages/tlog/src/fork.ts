/**
 * Forks: two checkpoints of one log, both signed by keys that may sign for it, that cannot both be true.
 *
 * The proof carries everything that is needed to check it, so anyone may spread it and nobody has to be believed. A *bare*
 * proof says that the histories differ somewhere below the smaller size. A *located* one also says where: it adds the
 * first entry in which they differ, with the proofs that place it in both.
 */
import { openCheckpoint, type ParsedCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { type HashReader, rootAt, subtreeHash } from "./hash-reader.ts";
import type { NoteKey } from "./note-keys.ts";
import {
  anchoredProof,
  inclusionProof,
  type Proof,
  type ProofShapeRefusal,
  rootsFromConsistencyProof,
  type TreeHead,
  verifyInclusion,
} from "./proofs.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { sameHash } from "./tree.ts";

export type ForkProof = {
  /** Two signed checkpoints, the smaller size first. */
  readonly notes: readonly [string, string];
  /** Anchored, from the first's size to the second's; empty between equal sizes. */
  readonly consistency: Proof;
  readonly divergence?: Divergence;
};

export type Divergence = {
  /** Index of the first entry that differs, from 0; below both sizes. */
  readonly index: number;
  /** The same order as the notes. */
  readonly branches: readonly [Branch, Branch];
};

/** How one history passes the point of divergence. */
export type Branch = {
  /** Anchored, from the index to this branch's size: the root before the divergence. Empty at index 0. */
  readonly consistency: Proof;
  readonly leafHash: Uint8Array;
  readonly inclusion: Proof;
};

export type ForkRefusal =
  /** One of the notes is not a checkpoint of this log signed by a key that may. */
  | "checkpoint-not-believed"
  | "sizes-not-ascending"
  /** The second checkpoint extends the first, or the proof does not lead to it. */
  | "not-a-fork"
  /** The entries at the index are the same, or not proved to stand there after one and the same history. */
  | "not-located"
  | ProofShapeRefusal;

export type Fork = {
  readonly checkpoints: readonly [ParsedCheckpoint, ParsedCheckpoint];
  /** Entries from this index on are in doubt. Of a located fork the divergence, else one below the smaller size. */
  readonly from: number;
};

/** The log that a proof is about. */
export type ForkedLog = {
  readonly origin: string;
  /** The keys that may sign a checkpoint of this size. */
  readonly keysAt: (size: number) => readonly NoteKey[];
};

/** Checks a proof from anyone. */
export function openFork(
  proof: ForkProof,
  log: ForkedLog,
): { readonly ok: true; readonly fork: Fork } | Refusal<ForkRefusal> {
  const opened = proof.notes.map((note) => believed(note, log));
  const [first, second] = opened;
  if (first == null || second == null) return refuse("checkpoint-not-believed");
  const [small, large] = [first.checkpoint, second.checkpoint];
  if (small.size === 0 || small.size > large.size) return refuse("sizes-not-ascending");

  if (small.size === large.size) {
    if (proof.consistency.length > 0) return refuse("proof-too-long");
    if (sameHash(small.root, large.root)) return refuse("not-a-fork");
  } else {
    const roots = rootsFromConsistencyProof(small.size, large.size, proof.consistency);
    if (!roots.ok) return roots;
    if (!sameHash(roots.newRoot, large.root) || sameHash(roots.oldRoot, small.root))
      return refuse("not-a-fork");
  }
  const checkpoints = [first, second] as const;
  const { divergence } = proof;
  if (divergence === undefined) return { ok: true, fork: { checkpoints, from: small.size - 1 } };
  return isLocated(divergence, [small, large])
    ? { ok: true, fork: { checkpoints, from: divergence.index } }
    : refuse("not-located");
}

/** Says where two histories part, for one who holds both. Throws where one is a prefix of the other. */
export function locateFork(first: History, second: History): Divergence {
  const index = firstDifference(first, second);
  if (index === null) throw new RangeError("one history is a prefix of the other");
  const branch = ({ read, size }: History): Branch => ({
    consistency: index === 0 ? [] : anchoredProof(read, index, size),
    leafHash: subtreeHash(read, index, 1),
    inclusion: inclusionProof(read, index, size),
  });
  return { index, branches: [branch(first), branch(second)] };
}

/** A history that is held: its hashes, and how many entries of it count here. */
export type History = { readonly read: HashReader; readonly size: number };

/** The first index at which two histories differ; null where one is a prefix of the other. */
export function firstDifference(first: History, second: History): number | null {
  let alike = 0;
  let different = Math.min(first.size, second.size) + 1;
  while (different - alike > 1) {
    const middle = alike + Math.floor((different - alike) / 2);
    if (sameHash(rootAt(first.read, middle), rootAt(second.read, middle))) alike = middle;
    else different = middle;
  }
  return alike === Math.min(first.size, second.size) ? null : alike;
}

/** Which keys may sign depends on the size, so the size is read first, without believing it. */
function believed(note: string, { origin, keysAt }: ForkedLog): ParsedCheckpoint | null {
  const claimed = parseCheckpoint(note);
  if (!claimed.ok) return null;
  const opened = openCheckpoint(note, origin, keysAt(claimed.checkpoint.size));
  return opened.ok ? opened : null;
}

function isLocated({ index, branches }: Divergence, heads: readonly [TreeHead, TreeHead]): boolean {
  const [first, second] = branches.map((branch, order) => passes(branch, index, heads[order] as TreeHead));
  if (first == null || second == null || sameHash(branches[0].leafHash, branches[1].leafHash)) return false;
  return index === 0 || sameHash(first, second);
}

/** The root before the index, when the branch's entry is proved to follow it on the way to the head. */
function passes(branch: Branch, index: number, head: TreeHead): Uint8Array | null {
  if (!verifyInclusion({ leafHash: branch.leafHash, index, head }, branch.inclusion).ok) return null;
  if (index === 0) return branch.consistency.length === 0 ? head.root : null;
  const roots = rootsFromConsistencyProof(index, head.size, branch.consistency);
  return roots.ok && sameHash(roots.newRoot, head.root) ? roots.oldRoot : null;
}
