/**
 * Where proofs get their hashes from: any store that can tell the hash of a complete subtree.
 *
 * A store need not keep every level. What it keeps and what it recomputes is its own affair, so
 * this package can make a proof from a table, from tiles or from a list in memory alike.
 */
import { isPowerOfTwo, isSize, largestPowerBelow } from "./powers.ts";
import { emptyRoot, nodeHash } from "./tree.ts";

/**
 * The hash of the complete subtree over leaves [index * 2^level, (index + 1) * 2^level). Level 0
 * are the leaf hashes. Asked only for subtrees that lie wholly within the size a proof is made for.
 */
export type HashReader = (level: number, index: number) => Uint8Array;

/** Reads from leaf hashes held in memory, and keeps all hashes above them: twice the memory, no second hashing. */
export function readerOf(leafHashes: readonly Uint8Array[]): HashReader {
  const levels: (readonly Uint8Array[])[] = [leafHashes];
  for (let below = leafHashes; below.length > 1; ) {
    const above: Uint8Array[] = [];
    for (let left = 0; left + 1 < below.length; left += 2)
      above.push(nodeHash(at(below, left), at(below, left + 1)));
    levels.push(above);
    below = above;
  }
  return (level, index) => at(levels[level] ?? [], index);
}

/** The root of the first `size` leaves: any earlier root of a log that has grown since. */
export function rootAt(read: HashReader, size: number): Uint8Array {
  if (!isSize(size)) throw new RangeError(`a tree cannot have size ${size}`);
  return size === 0 ? emptyRoot() : subtreeHash(read, 0, size);
}

/**
 * MTH(D[start:start+size]) of RFC 6962 section 2.1. `start` is a multiple of the largest power of
 * two that `size` reaches, as it is everywhere in the recursion of a tree.
 */
export function subtreeHash(read: HashReader, start: number, size: number): Uint8Array {
  if (isPowerOfTwo(size)) return read(Math.round(Math.log2(size)), start / size);
  const left = largestPowerBelow(size);
  return nodeHash(subtreeHash(read, start, left), subtreeHash(read, start + left, size - left));
}

function at(hashes: readonly Uint8Array[], index: number): Uint8Array {
  const hash = hashes[index];
  if (hash === undefined)
    throw new RangeError(`there is no hash at ${index}, only ${hashes.length} at this level`);
  return hash;
}
