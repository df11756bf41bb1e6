// Goal: the tree is RFC 6962's at every size, and its proofs prove. The reference is the definition of MTH,
// written down as the RFC has it; sizes are biased to the powers of two, where trees go wrong. Trees near
// 2^53 are read from a log whose entries are all alike, so that each level has one hash.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appendLeafHash,
  type CompactRange,
  cloneRange,
  emptyRange,
  rangeFrom,
  rootOf,
} from "../src/compact-range.ts";
import { type HashReader, readerOf, rootAt } from "../src/hash-reader.ts";
import {
  anchoredProof,
  consistencyProof,
  inclusionProof,
  maxProofHashes,
  rangeFromConsistencyProof,
  rootBeyond,
  rootsFromConsistencyProof,
  verifyConsistency,
  verifyInclusion,
} from "../src/proofs.ts";
import { emptyRoot, leafHash, nodeHash, sameHash } from "../src/tree.ts";

const maxLeaves = 300;
const leaves = Array.from({ length: maxLeaves }, (_none, seq) => leafHash(Buffer.from(`entry ${seq}`)));
const read = readerOf(leaves);

/** RFC 6962 section 2.1, word for word. */
function treeHash(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes;
  if (only === undefined) return emptyRoot();
  if (hashes.length === 1) return only;
  const k = 2 ** (Math.ceil(Math.log2(hashes.length)) - 1);
  return nodeHash(treeHash(hashes.slice(0, k)), treeHash(hashes.slice(k)));
}
const roots = Array.from({ length: maxLeaves + 1 }, (_none, size) => treeHash(leaves.slice(0, size)));
const head = (size: number) => ({ size, root: rootAt(read, size) });

function rangeOver(size: number): CompactRange {
  const range = emptyRange();
  for (const leaf of leaves.slice(0, size)) appendLeafHash(range, leaf);
  return range;
}

function flipBit(hash: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(hash);
  copy[Math.floor(bit / 8)] = (copy[Math.floor(bit / 8)] ?? 0) ^ (2 ** (bit % 8));
  return copy;
}

const nearPower = fc
  .tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: -1, max: 1 }))
  .map(([power, offset]) => Math.max(1, 2 ** power + offset));
const size = fc.oneof(nearPower, fc.integer({ min: 1, max: maxLeaves }));
/** Two sizes in order; equal ones now and then. */
const sizes = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(size, size).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const) },
  { weight: 1, arbitrary: size.map((same) => [same, same] as const) },
);
const bit = fc.nat({ max: 255 });
const thorough = { numRuns: 2_000 };

describe("a compact range", () => {
  it("has the root of RFC 6962 at every size, and as many peaks as the size has ones", () => {
    const range = emptyRange();
    for (const [seq, leaf] of leaves.entries()) {
      expect(sameHash(rootOf(range), roots[seq] ?? emptyRoot())).toBe(true);
      expect(range.peaks).toHaveLength([...seq.toString(2)].filter((digit) => digit === "1").length);
      appendLeafHash(range, leaf);
    }
  });

  it("is not touched by what is appended to its clone, and survives being stored", () => {
    const range = rangeOver(7);
    const clone = cloneRange(range);
    appendLeafHash(clone, leaves[7] ?? emptyRoot());
    expect([range.size, clone.size]).toEqual([7, 8]);
    expect(sameHash(rootOf(range), head(7).root)).toBe(true);
    expect(rangeFrom(clone.size, clone.peaks)).toEqual({ ok: true, range: clone });
  });

  it.each([
    ["size-out-of-range", -1, []],
    ["size-out-of-range", 0.5, []],
    ["size-out-of-range", 2 ** 53, [emptyRoot()]],
    ["peaks-do-not-fit-size", 3, [emptyRoot()]],
    ["peaks-do-not-fit-size", 0, [emptyRoot()]],
    ["hash-not-32-bytes", 1, [new Uint8Array(31)]],
  ])("is refused as %s when its size is %d", (reason, ofSize, peaks) => {
    expect(rangeFrom(ofSize, peaks)).toEqual({ ok: false, reason });
  });
});

describe("the laws of inclusion", () => {
  const place = size.chain((of) => fc.tuple(fc.nat({ max: of - 1 }), fc.constant(of)));
  const claimOf = (index: number, of: number) => ({
    leafHash: leaves[index] ?? emptyRoot(),
    index,
    head: head(of),
  });

  it("every leaf of every size is proved, and at no other index", () => {
    fc.assert(
      fc.property(place, fc.nat(), ([index, of], other) => {
        const proof = inclusionProof(read, index, of);
        expect(verifyInclusion(claimOf(index, of), proof)).toEqual({ ok: true });
        const elsewhere = { ...claimOf(index, of), index: other % of };
        expect(verifyInclusion(elsewhere, proof).ok).toBe(other % of === index);
        expect(verifyInclusion({ ...elsewhere, index: of }, proof)).toMatchObject({
          reason: "index-out-of-range",
        });
      }),
      thorough,
    );
  });

  it("one flipped bit, one hash less or one more, and it is refused", () => {
    fc.assert(
      fc.property(place, fc.nat(), bit, ([index, of], which, flipped) => {
        const claim = claimOf(index, of);
        const all = [claim.leafHash, claim.head.root, ...inclusionProof(read, index, of)];
        const at = which % all.length;
        const [leaf, root, ...proof] = all.map((hash, i) => (i === at ? flipBit(hash, flipped) : hash));
        if (leaf === undefined || root === undefined) throw new Error("two hashes are always there");
        expect(verifyInclusion({ ...claim, leafHash: leaf, head: { size: of, root } }, proof)).toEqual({
          ok: false,
          reason: "root-differs",
        });
        expect(verifyInclusion(claim, [...proof, leaf])).toEqual({ ok: false, reason: "proof-too-long" });
        if (proof.length > 0) {
          expect(verifyInclusion(claim, proof.slice(1))).toEqual({ ok: false, reason: "proof-too-short" });
        }
      }),
      thorough,
    );
  });
});

describe("the laws of consistency", () => {
  it("between any two sizes a proof verifies, tells both roots and the earlier range", () => {
    fc.assert(
      fc.property(sizes, ([from, to]) => {
        expect(verifyConsistency(head(from), head(to), consistencyProof(read, from, to))).toEqual({
          ok: true,
        });
        const anchored = anchoredProof(read, from, to);
        const told = { oldRoot: head(from).root, newRoot: head(to).root };
        expect(rootsFromConsistencyProof(from, to, anchored)).toEqual({ ok: true, ...told });
        if (from < to) {
          const range = rangeOver(from);
          expect(rangeFromConsistencyProof(from, to, anchored)).toEqual({
            ok: true,
            range,
            newRoot: told.newRoot,
          });
        }
      }),
      thorough,
    );
  });

  it("one flipped bit in a root or in the proof, and it is refused", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), bit, ([from, to], which, flipped) => {
        const all = [head(from).root, head(to).root, ...consistencyProof(read, from, to)];
        const at = which % all.length;
        const [oldRoot, newRoot, ...proof] = all.map((hash, i) => (i === at ? flipBit(hash, flipped) : hash));
        if (oldRoot === undefined || newRoot === undefined) throw new Error("two hashes are always there");
        const answer = verifyConsistency({ size: from, root: oldRoot }, { size: to, root: newRoot }, proof);
        expect(["old-root-differs", "new-root-differs"]).toContain(answer.ok ? "verified" : answer.reason);
        const tooLong = verifyConsistency(head(from), head(to), [...proof, oldRoot]);
        expect(tooLong).toEqual({ ok: false, reason: "proof-too-long" });
        if (proof.length > 0) {
          const tooShort = verifyConsistency(head(from), head(to), proof.slice(1));
          expect(tooShort).toEqual({ ok: false, reason: "proof-too-short" });
        }
      }),
      thorough,
    );
  });

  it("a holder of a range learns the root beyond what came, and notices a relay's other entry", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), bit, ([cut, to], some, flipped) => {
        const held = rangeOver(some % cut);
        const proof = anchoredProof(read, cut, to);
        const grown = cloneRange(held);
        for (const leaf of leaves.slice(held.size, cut)) appendLeafHash(grown, leaf);
        expect(rootBeyond(grown, proof, to)).toEqual({ ok: true, root: head(to).root });
        if (cut === to) expect(rootBeyond(grown, [], to)).toEqual({ ok: true, root: head(to).root });

        const lied = cloneRange(held);
        const wrong = leaves
          .slice(held.size, cut)
          .map((leaf, i) => (i === 0 ? flipBit(leaf, flipped) : leaf));
        for (const leaf of wrong) appendLeafHash(lied, leaf);
        expect(rootBeyond(lied, proof, to)).toEqual({ ok: false, reason: "old-root-differs" });
      }),
    );
  });

  it("anything follows from an empty log, by an empty proof only", () => {
    expect(verifyConsistency(head(0), head(9), [])).toEqual({ ok: true });
    expect(verifyConsistency(head(0), head(9), [emptyRoot()])).toMatchObject({ reason: "proof-too-long" });
    expect(verifyConsistency({ size: 0, root: head(1).root }, head(9), [])).toMatchObject({
      reason: "old-root-differs",
    });
    expect(verifyConsistency(head(0), { size: 0, root: head(1).root }, [])).toMatchObject({
      reason: "new-root-differs",
    });
  });

  it("refuses what has no form, whatever it is", () => {
    const any = fc.oneof(fc.maxSafeNat(), fc.double(), fc.integer({ min: -2, max: 9 }));
    const hashes = fc.array(fc.uint8Array({ minLength: 31, maxLength: 33 }), {
      maxLength: maxProofHashes + 2,
    });
    fc.assert(
      fc.property(any, any, hashes, (from, to, proof) => {
        expect(rootsFromConsistencyProof(from, to, proof)).toHaveProperty("ok");
        // Another hash than the root: a tree of one leaf has that leaf's hash as its root, and needs no proof.
        const leafHash = head(1).root;
        const claim = { leafHash, index: from, head: { size: to, root: emptyRoot() } };
        expect(verifyInclusion(claim, proof).ok).toBe(false);
        if (from !== 0) {
          expect(
            verifyConsistency({ size: from, root: emptyRoot() }, { size: to, root: head(1).root }, proof).ok,
          ).toBe(false);
        }
      }),
      thorough,
    );
    // Refused unread: for their number, though none of them is a hash.
    const tooMany = Array.from({ length: maxProofHashes + 1 }, () => new Uint8Array(31));
    expect(rootsFromConsistencyProof(1, 2, tooMany)).toEqual({ ok: false, reason: "proof-too-long" });
  });
});

describe("a log of more than 2^32 entries", () => {
  const alike = [leafHash(Buffer.from("again"))];
  const uniform: HashReader = (level) => {
    for (let top = alike.at(-1); top !== undefined && alike.length <= level; top = alike.at(-1)) {
      alike.push(nodeHash(top, top));
    }
    return alike[level] ?? emptyRoot();
  };
  const uniformRange = (of: number): CompactRange => {
    const digits = [...of.toString(2)];
    const peaks = digits.flatMap((digit, i) => (digit === "1" ? [uniform(digits.length - 1 - i, 0)] : []));
    return { size: of, peaks };
  };
  const large = fc.oneof(
    fc.integer({ min: 2 ** 32 - 2, max: 2 ** 32 + 2 }),
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 1 }),
    fc.integer({ min: 30, max: 52 }).map((power) => 2 ** power - 1),
  );

  it("has the same laws", () => {
    fc.assert(
      fc.property(large, large, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const old = { size: from, root: rootAt(uniform, from) };
        const now = { size: to, root: rootAt(uniform, to) };
        const proof = consistencyProof(uniform, from, to);
        expect(proof.length).toBeLessThanOrEqual(maxProofHashes);
        expect(verifyConsistency(old, now, proof)).toEqual({ ok: true });
        expect(rootBeyond(uniformRange(from), anchoredProof(uniform, from, to), to)).toEqual({
          ok: true,
          root: now.root,
        });
        const claim = { leafHash: uniform(0, 0), index: from - 1, head: now };
        expect(verifyInclusion(claim, inclusionProof(uniform, from - 1, to))).toEqual({ ok: true });

        const range = uniformRange(to);
        appendLeafHash(range, uniform(0, 0));
        expect(range).toEqual(uniformRange(to + 1));
        expect(rootOf(range)).toEqual(rootAt(uniform, to + 1));
      }),
    );
  });

  it("is full at 2^53 - 1", () => {
    const full = uniformRange(Number.MAX_SAFE_INTEGER);
    expect(() => appendLeafHash(full, emptyRoot())).toThrow(RangeError);
    expect(full).toEqual(uniformRange(Number.MAX_SAFE_INTEGER));
  });
});
