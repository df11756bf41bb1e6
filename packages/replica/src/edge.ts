/**
 * The edge of a log: how far it is held, and what proves that to others. A node may hold a log up to a size inside a batch; it
 * then keeps a checkpoint beyond that size and the consistency proof that leads there (protocol section 6).
 */
import { type HashReader, subtreeHash } from "@handfast/tlog/hash-reader";
import { nodeHash } from "@handfast/tlog/tree";

export type Edge = {
  /** Leaves below this are known. */
  readonly size: number;
  /** Size of the checkpoint in `note`; at least `size`. */
  readonly noteSize: number;
  readonly note: string;
  /** Anchored consistency proof from `size` to `noteSize`; empty where they are equal. */
  readonly proof: readonly Uint8Array[];
};

/**
 * The anchored consistency proof from `from` to an edge's checkpoint, for one who knows the leaves below the edge only.
 *
 * What lies beyond the edge enters such a proof in the very pieces that the edge's own proof holds, or in sums of these with
 * what is known. Empty where `from` is the checkpoint's size: a frame needs no proof at a boundary.
 */
export function proofTo(edge: Omit<Edge, "note">, from: number, read: HashReader): readonly Uint8Array[] {
  if (from < 1 || from > edge.size) throw new RangeError(`no proof from ${from} at an edge of ${edge.size}`);
  if (from === edge.noteSize) return [];
  const beyond = new Map<string, Uint8Array>();
  const pieces = piecesOf(edge.size, edge.noteSize);
  if (edge.size < edge.noteSize)
    for (const [index, piece] of pieces.entries())
      beyond.set(`${piece.start}+${piece.size}`, edge.proof[index] as Uint8Array);

  const hashOf = (start: number, size: number): Uint8Array => {
    if (start + size <= edge.size) return subtreeHash(read, start, size);
    const given = beyond.get(`${start}+${size}`);
    if (given !== undefined) return given;
    const left = powerBelow(size);
    return nodeHash(hashOf(start, left), hashOf(start + left, size - left));
  };
  return piecesOf(from, edge.noteSize).map(({ start, size }) => hashOf(start, size));
}

type Piece = { readonly start: number; readonly size: number };

/** The subtrees that SUBPROOF of RFC 6962 section 2.1.2 names between two sizes, in the proof's order, the anchor first. */
function piecesOf(from: number, to: number): Piece[] {
  const downwards: Piece[] = [];
  let start = 0;
  let rest = to;
  while (from - start !== rest) {
    const left = powerBelow(rest);
    if (from - start <= left) {
      downwards.push({ start: start + left, size: rest - left });
      rest = left;
    } else {
      downwards.push({ start, size: left });
      start += left;
      rest -= left;
    }
  }
  downwards.push({ start, size: rest });
  return downwards.reverse();
}

/** The largest power of two below `size`, by arithmetic: sizes pass 2^32. */
function powerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
