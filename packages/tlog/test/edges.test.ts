// Goal: what no caller of ours does, and what a hostile one might, has the answer that its docs say. Method: by example.
import { generateKeyPairSync, hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { appendLeafHash } from "../src/compact-range.ts";
import { admitKey } from "../src/ed25519.ts";
import { openFork } from "../src/fork.ts";
import { readerOf, rootAt } from "../src/hash-reader.ts";
import {
  anchoredProof,
  consistencyProof,
  inclusionProof,
  rangeFromConsistencyProof,
  rootBeyond,
  verifyInclusion,
} from "../src/proofs.ts";
import { generateKey, publicKeyBytes, signerFrom } from "../src/signer.ts";
import { leafHash, sameHash } from "../src/tree.ts";

const leaves = Array.from({ length: 7 }, (_none, index) => leafHash(Uint8Array.of(index)));
const read = readerOf(leaves);
const leaf = leafHash(new Uint8Array());

describe("a proof that cannot be made", () => {
  it.each([
    [7, 7],
    [-1, 7],
    [0.5, 7],
    [0, -1],
  ])("of leaf %d in a tree of %d throws", (index, size) => {
    expect(() => inclusionProof(read, index, size)).toThrow(RangeError);
  });

  it.each([
    [0, 7],
    [5, 4],
    [-1, 4],
    [2, 2.5],
  ])("from size %d to %d throws", (from, to) => {
    expect(() => consistencyProof(read, from, to)).toThrow(RangeError);
    expect(() => anchoredProof(read, from, to)).toThrow(RangeError);
  });

  it("is of a tree of no size, or of more leaves than there are", () => {
    expect(() => rootAt(read, -1)).toThrow(RangeError);
    expect(() => rootAt(read, 8)).toThrow(RangeError);
    expect(() => read(9, 0)).toThrow(RangeError);
    expect(() => read(0, 7)).toThrow(RangeError);
  });
});

describe("a proof that does not fit", () => {
  const short = leaf.subarray(1);

  it("is refused for what is not a hash", () => {
    const claim = { leafHash: short, index: 0, head: { size: 1, root: leaf } };
    expect(verifyInclusion(claim, [])).toEqual({ ok: false, reason: "hash-not-32-bytes" });
    const head = { size: 2, root: rootAt(read, 2) };
    expect(verifyInclusion({ leafHash: leaves[0] as Uint8Array, index: 0, head }, [short])).toEqual({
      ok: false,
      reason: "hash-not-32-bytes",
    });
    expect(sameHash(short, leaf)).toBe(false);
  });

  it("gives no range", () => {
    expect(rangeFromConsistencyProof(3, 7, [])).toEqual({ ok: false, reason: "proof-too-short" });
    expect(rangeFromConsistencyProof(3, 3, [rootAt(read, 3)])).toEqual({
      ok: false,
      reason: "peaks-do-not-fit-size",
    });
    expect(rangeFromConsistencyProof(4, 4, [rootAt(read, 4)])).toEqual({
      ok: true,
      range: { size: 4, peaks: [rootAt(read, 4)] },
      newRoot: rootAt(read, 4),
    });
  });

  it("gives no root beyond what is held", () => {
    const range = { size: 4, peaks: [rootAt(read, 4)] };
    expect(rootBeyond(range, [], 7)).toEqual({ ok: false, reason: "proof-too-short" });
    expect(rootBeyond(range, anchoredProof(read, 4, 7), 7)).toEqual({ ok: true, root: rootAt(read, 7) });
  });

  it("is refused where a range is none", () => {
    expect(() => appendLeafHash({ size: 1, peaks: [] }, leaf)).toThrow(RangeError);
  });
});

it("a fork whose notes are not checkpoints is refused", () => {
  const log = { origin: "handfast/v1/net/orchard/log", keysAt: () => [] };
  expect(openFork({ notes: ["two", "words"], consistency: [] }, log)).toEqual({
    ok: false,
    reason: "checkpoint-not-believed",
  });
});

it("a leaf larger than any header has the same hash as anywhere else", () => {
  const bytes = new Uint8Array(10_000).fill(7);
  expect(leafHash(bytes).toHex()).toBe(hash("sha256", Uint8Array.of(0, ...bytes)));
});

describe("a key", () => {
  it("of another kind is refused, and what is not a key, without quoting it", () => {
    const { privateKey } = generateKeyPairSync("x25519");
    const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    expect(() => signerFrom(pem)).toThrow("it is of another kind");
    expect(() => signerFrom("-----BEGIN secret-----")).toThrow("expected a 32-byte seed or PKCS #8");
  });

  it("is admitted the same however many were admitted before", () => {
    const keys = Array.from({ length: 1_100 }, () => publicKeyBytes(generateKey()));
    for (const bytes of [...keys, ...keys.slice(0, 3)]) {
      const answer = admitKey(bytes);
      expect(answer.ok && Buffer.compare(answer.key.bytes, bytes)).toBe(0);
    }
  });
});
