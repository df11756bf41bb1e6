/**
 * Inclusion and consistency proofs (RFC 6962 section 2.1, checked as RFC 9162 section 2.1 says).
 *
 * A consistency proof comes in two forms. The *plain* one is RFC 6962's and is what public tlog
 * tools speak; it leaves out the hash at the old size when that is the old root itself. The
 * *anchored* one always begins with the hash of the subtree that ends at the old size, so both
 * roots can be computed from the proof alone: a peer that shows one commits itself to what it
 * says the log was. The federation protocol uses the anchored form everywhere.
 *
 * Making a proof is for logs we hold: an impossible size is a bug and throws. Checking is total.
 */
import { type CompactRange, rangeFrom, rootOf } from "./compact-range.ts";
import { type HashReader, subtreeHash } from "./hash-reader.ts";
import { isPowerOfTwo, isSize, largestPowerBelow } from "./powers.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { emptyRoot, hashBytes, nodeHash, sameHash } from "./tree.ts";

/** More hashes than any tree of up to 2^53 leaves can need; a longer proof is refused unread. */
export const maxProofHashes = 64;

export type Proof = readonly Uint8Array[];

/** A size and the root over the first `size` leaves. */
export type TreeHead = { readonly size: number; readonly root: Uint8Array };

/** That the leaf with this hash stands at `index` in the tree of this head. */
export type InclusionClaim = {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly head: TreeHead;
};

/** What is wrong with the form of a proof for the given sizes, whatever the roots are. */
export type ProofShapeRefusal =
  | "size-out-of-range"
  | "index-out-of-range"
  | "hash-not-32-bytes"
  | "proof-too-long"
  | "proof-too-short";
export type InclusionRefusal = ProofShapeRefusal | "root-differs";
export type ConsistencyRefusal = ProofShapeRefusal | "old-root-differs" | "new-root-differs";

/** PATH(index, D[0:size]) of RFC 6962 section 2.1.1, from the leaf upwards. */
export function inclusionProof(read: HashReader, index: number, size: number): Uint8Array[] {
  if (!isSize(size) || !isSize(index) || index >= size)
    throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const downwards: Uint8Array[] = [];
  for (let start = 0, rest = size; rest > 1; ) {
    const left = largestPowerBelow(rest);
    const isLeft = index < start + left;
    downwards.push(isLeft ? subtreeHash(read, start + left, rest - left) : subtreeHash(read, start, left));
    if (!isLeft) start += left;
    rest = isLeft ? left : rest - left;
  }
  return downwards.reverse();
}

/** PROOF(from, D[0:to]) of RFC 6962 section 2.1.2: the plain form. 0 < `from` <= `to`. */
export function consistencyProof(read: HashReader, from: number, to: number): Uint8Array[] {
  return subproof(read, from, to, true);
}

/** The anchored form, for `sync.proof`, cut ranges and fork proofs. Between equal sizes it is the root alone. */
export function anchoredProof(read: HashReader, from: number, to: number): Uint8Array[] {
  return subproof(read, from, to, false);
}

/** Checks that a leaf stands where it is said to stand, at a head that is already believed. */
export function verifyInclusion(
  claim: InclusionClaim,
  proof: Proof,
): { readonly ok: true } | Refusal<InclusionRefusal> {
  const { leafHash, index, head } = claim;
  const wrong = shapeRefusal(0, head.size, [leafHash, head.root], proof);
  if (wrong !== undefined) return refuse(wrong);
  if (!isSize(index) || index >= head.size) return refuse("index-out-of-range");
  const sides = sidesBetween(index, head.size - 1);
  const misfit = lengthRefusal(proof, sides);
  if (misfit !== undefined) return refuse(misfit);
  return sameHash(climb(leafHash, proof, sides), head.root) ? { ok: true } : refuse("root-differs");
}

/**
 * Checks that a log only grew from one head to another, by a plain proof.
 *
 * From size 0 the proof is empty and any head follows (c2sp.org/tlog-witness). Between equal sizes
 * it is empty too, and unequal roots are `new-root-differs`: given two signatures, a fork.
 */
export function verifyConsistency(
  from: TreeHead,
  to: TreeHead,
  proof: Proof,
): { readonly ok: true } | Refusal<ConsistencyRefusal> {
  const wrong = shapeRefusal(from.size, to.size, [from.root, to.root], proof);
  if (wrong !== undefined) return refuse(wrong);
  if (from.size === 0 && !sameHash(from.root, emptyRoot())) return refuse("old-root-differs");
  if (from.size === 0 || from.size === to.size) {
    if (proof.length > 0) return refuse("proof-too-long");
    return from.size < to.size || sameHash(from.root, to.root) ? { ok: true } : refuse("new-root-differs");
  }
  const roots = rootsFromAnchored(
    from.size,
    to.size,
    isPowerOfTwo(from.size) ? [from.root, ...proof] : proof,
  );
  if (!roots.ok) return roots;
  if (!sameHash(roots.oldRoot, from.root)) return refuse("old-root-differs");
  return sameHash(roots.newRoot, to.root) ? { ok: true } : refuse("new-root-differs");
}

/** Both roots that an anchored proof speaks of; the caller compares them with what was signed. */
export function rootsFromConsistencyProof(
  from: number,
  to: number,
  anchored: Proof,
):
  | { readonly ok: true; readonly oldRoot: Uint8Array; readonly newRoot: Uint8Array }
  | Refusal<ProofShapeRefusal> {
  const wrong = shapeRefusal(from, to, [], anchored);
  if (wrong !== undefined) return refuse(wrong);
  if (from === 0) return refuse("size-out-of-range");
  return rootsFromAnchored(from, to, anchored);
}

/**
 * The compact range at `from`, which an anchored proof to a larger size contains: so a reader can
 * go on from the middle of a log. It is true if `rootOf(range)` is the root that was signed there.
 */
export function rangeFromConsistencyProof(
  from: number,
  to: number,
  anchored: Proof,
):
  | { readonly ok: true; readonly range: CompactRange; readonly newRoot: Uint8Array }
  | Refusal<ProofShapeRefusal | "peaks-do-not-fit-size"> {
  const roots = rootsFromConsistencyProof(from, to, anchored);
  if (!roots.ok) return roots;
  const range = rangeFrom(from, from === to ? [roots.oldRoot] : peaksFromAnchored(from, to, anchored));
  return range.ok ? { ok: true, range: range.range, newRoot: roots.newRoot } : range;
}

/**
 * The root at `to`, for one who holds a range and an anchored proof from its size to there.
 *
 * So a range of entries cut inside a batch is checked: clone the held range, append the leaf hashes
 * that came, and compare what this gives with the checkpoint beyond. At a boundary (`to` is the size
 * of the range) the proof may be empty. Refuses a proof that starts from another root than the range's.
 */
export function rootBeyond(
  range: Readonly<CompactRange>,
  anchored: Proof,
  to: number,
):
  | { readonly ok: true; readonly root: Uint8Array }
  | Refusal<Exclude<ConsistencyRefusal, "new-root-differs">> {
  const held = rootOf(range);
  if (to === range.size && anchored.length === 0) return { ok: true, root: held };
  const roots = rootsFromConsistencyProof(range.size, to, anchored);
  if (!roots.ok) return roots;
  return sameHash(roots.oldRoot, held) ? { ok: true, root: roots.newRoot } : refuse("old-root-differs");
}

/** SUBPROOF of RFC 6962 section 2.1.2, unrolled; `knowsOldRoot` is its flag b. */
function subproof(read: HashReader, from: number, to: number, knowsOldRoot: boolean): Uint8Array[] {
  if (!isSize(to) || !isSize(from) || from === 0 || from > to)
    throw new RangeError(`no proof from ${from} to ${to}`);
  const downwards: Uint8Array[] = [];
  let start = 0;
  let rest = to;
  let omitsFirst = knowsOldRoot;
  while (from - start !== rest) {
    const left = largestPowerBelow(rest);
    if (from - start <= left) {
      downwards.push(subtreeHash(read, start + left, rest - left));
      rest = left;
    } else {
      downwards.push(subtreeHash(read, start, left));
      start += left;
      rest -= left;
      omitsFirst = false;
    }
  }
  if (!omitsFirst) downwards.push(subtreeHash(read, start, rest));
  return downwards.reverse();
}

function shapeRefusal(from: number, to: number, given: Proof, proof: Proof): ProofShapeRefusal | undefined {
  if (!isSize(from) || !isSize(to) || from > to) return "size-out-of-range";
  if (proof.length > maxProofHashes) return "proof-too-long";
  for (const hash of given) if (hash.length !== hashBytes) return "hash-not-32-bytes";
  for (const hash of proof) if (hash.length !== hashBytes) return "hash-not-32-bytes";
  return undefined;
}

type Roots = { readonly ok: true; readonly oldRoot: Uint8Array; readonly newRoot: Uint8Array };

function rootsFromAnchored(from: number, to: number, anchored: Proof): Roots | Refusal<ProofShapeRefusal> {
  const [first, ...rest] = anchored;
  if (first === undefined) return refuse("proof-too-short");
  const sides = consistencySides(from, to);
  const misfit = lengthRefusal(rest, sides);
  if (misfit !== undefined) return refuse(misfit);
  const oldRoot = leftOf(rest, sides).reduce((right, left) => nodeHash(left, right), first);
  return { ok: true, oldRoot, newRoot: climb(first, rest, sides) };
}

/** A proof that gave both roots holds the old size's peaks: its first hash is the last one, the others stand to the left. */
function peaksFromAnchored(from: number, to: number, anchored: Proof): Uint8Array[] {
  const [first, ...rest] = anchored as readonly [Uint8Array, ...Uint8Array[]];
  return [...leftOf(rest, consistencySides(from, to)).reverse(), first];
}

/** On which side of the path each hash of a proof stands, from the bottom up. */
type Side = "left" | "right";

function leftOf(proof: Proof, sides: readonly Side[]): Uint8Array[] {
  return proof.filter((_hash, step) => sides[step] === "left");
}

function climb(from: Uint8Array, proof: Proof, sides: readonly Side[]): Uint8Array {
  return proof.reduce(
    (hash, other, step) => (sides[step] === "left" ? nodeHash(other, hash) : nodeHash(hash, other)),
    from,
  );
}

function lengthRefusal(
  proof: Proof,
  sides: readonly Side[],
): "proof-too-long" | "proof-too-short" | undefined {
  if (proof.length > sides.length) return "proof-too-long";
  return proof.length < sides.length ? "proof-too-short" : undefined;
}

/** The path starts at the root of the subtree that ends at the old size: RFC 9162 section 2.1.4.2, step 4. */
function consistencySides(from: number, to: number): Side[] {
  if (from === to) return [];
  let fn = from - 1;
  let sn = to - 1;
  for (; fn % 2 === 1; fn = half(fn)) sn = half(sn);
  return sidesBetween(fn, sn);
}

/** The walk of `fn` and `sn` in RFC 9162 sections 2.1.3.2 and 2.1.4.2. It depends on sizes alone, so it gives the length too. */
function sidesBetween(firstNode: number, lastNode: number): Side[] {
  const sides: Side[] = [];
  let fn = firstNode;
  let sn = lastNode;
  while (sn > 0) {
    if (fn % 2 === 1 || fn === sn) {
      sides.push("left");
      // A node at the right edge without a partner rises until it finds one on its left.
      for (; fn % 2 === 0 && fn > 0; fn = half(fn)) sn = half(sn);
    } else {
      sides.push("right");
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sides;
}

function half(value: number): number {
  return Math.floor(value / 2);
}
