/**
 * RFC 6962 section 2.1: the Merkle tree over a log's headers. Only its right edge is kept: the roots of the perfect
 * subtrees that the binary digits of the size name, largest first.
 */
import { hash } from "node:crypto";

/** Root hashes are latin1 strings while in work: `crypto.hash` gives those fastest, and stores take them as they are. */
export type Tree = {
  readonly size: number;
  /** Adds a leaf hash (32 bytes at `offset`). */
  add(hashes: Buffer, offset: number): void;
  /** The root over everything added so far. */
  root(): Buffer;
  /** The root of a larger tree that begins with this one, by an anchored consistency proof; undefined where it is none. */
  rootBeyond(size: number, proof: readonly Buffer[]): Buffer | undefined;
};

const pair = Buffer.alloc(65);
pair[0] = 1;

function node(left: string, right: string): string {
  pair.write(left, 1, 32, "latin1");
  pair.write(right, 33, 32, "latin1");
  return hash("sha256", pair, "latin1");
}

/** An empty tree. */
export function createTree(): Tree {
  const peaks: string[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(hashes, offset) {
      let top = hashes.toString("latin1", offset, offset + 32);
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) top = node(peaks.pop() as string, top);
      peaks.push(top);
      size++;
    },
    root() {
      const last = peaks.at(-1);
      if (last === undefined) return hash("sha256", "", "buffer");
      let root = last;
      for (let index = peaks.length - 2; index >= 0; index--) root = node(peaks[index] as string, root);
      return Buffer.from(root, "latin1");
    },
    rootBeyond(larger, proof) {
      if (size === 0 || larger <= size) return undefined;
      const roots = rootsOf(size, larger, proof);
      return roots?.[0].equals(this.root()) ? roots[1] : undefined;
    },
  };
}

/**
 * The roots at two sizes, the smaller one above 0, that an anchored consistency proof leads to; undefined where it is none.
 * RFC 9162 section 2.1.4.2, with the subtree that ends at the smaller size always written out first.
 */
export function rootsOf(
  small: number,
  large: number,
  proof: readonly Buffer[],
): [Buffer, Buffer] | undefined {
  const [anchor, ...rest] = proof.map((bytes) => bytes.toString("latin1"));
  if (anchor === undefined) return undefined;
  let [low, high] = [small - 1, large - 1];
  const up = (): void => {
    low = Math.floor(low / 2);
    high = Math.floor(high / 2);
  };
  while (low % 2 === 1) up();
  let [smallRoot, largeRoot] = [anchor, anchor];
  for (const sibling of rest) {
    if (high === 0) return undefined;
    if (low % 2 === 1 || low === high) {
      smallRoot = node(sibling, smallRoot);
      largeRoot = node(sibling, largeRoot);
      while (low % 2 === 0 && low > 0) up();
    } else largeRoot = node(largeRoot, sibling);
    up();
  }
  return high === 0 ? [Buffer.from(smallRoot, "latin1"), Buffer.from(largeRoot, "latin1")] : undefined;
}
