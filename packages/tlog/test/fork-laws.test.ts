// Goal: two histories signed by one log are proved, wherever they part; one history is never called two, whatever proof is
// shown. Method: random trees that share a beginning, and proofs with anything in them changed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signCheckpoint } from "../src/checkpoint.ts";
import {
  type Branch,
  type ForkProof,
  firstDifference,
  type History,
  locateFork,
  openFork,
} from "../src/fork.ts";
import { readerOf, rootAt } from "../src/hash-reader.ts";
import { formatNote } from "../src/note.ts";
import { noteKey } from "../src/note-keys.ts";
import { anchoredProof, type Proof } from "../src/proofs.ts";
import { generateKey } from "../src/signer.ts";
import { leafHash } from "../src/tree.ts";

const origin = "handfast/v1/net/orchard/log";
const key = generateKey();
const stranger = generateKey();
const log = { origin, keysAt: () => [noteKey(origin, key.publicKey)] };

/** The first `shared` entries of every history are alike. */
function history(name: string, shared: number, size: number): History {
  const entry = (seq: number) => leafHash(Buffer.from(seq < shared ? `entry ${seq}` : `${name} ${seq}`));
  return { read: readerOf(Array.from({ length: size }, (_none, seq) => entry(seq))), size };
}
const noteOf = ({ read, size }: History, signer = key): string =>
  formatNote(signCheckpoint({ origin, size, root: rootAt(read, size) }, signer));

function prove(first: History, second: History, isLocated: boolean): ForkProof {
  const consistency = first.size === second.size ? [] : anchoredProof(second.read, first.size, second.size);
  const notes = [noteOf(first), noteOf(second)] as const;
  return { notes, consistency, ...(isLocated ? { divergence: locateFork(first, second) } : {}) };
}

const size = fc.integer({ min: 1, max: 70 });
/** Two histories, the shorter first, and where they part. */
const parted = fc
  .tuple(fc.integer({ min: 0, max: 40 }), size, size)
  .map(([shared, one, other]) => ({ shared, sizes: [shared + one, shared + other].sort((a, b) => a - b) }))
  .map(({ shared, sizes: [m = 0, n = 0] }) => ({
    shared,
    first: history("first", shared, m),
    second: history("second", shared, n),
  }));
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe("two histories of one log", () => {
  it("are proved, and a located proof says where they part", () => {
    fc.assert(
      fc.property(parted, ({ shared, first, second }) => {
        expect(firstDifference(first, second)).toBe(shared);
        expect(openFork(prove(first, second, false), log)).toMatchObject({
          ok: true,
          fork: { from: first.size - 1 },
        });
        expect(openFork(prove(first, second, true), log)).toMatchObject({ ok: true, fork: { from: shared } });
      }),
      { numRuns: 300 },
    );
  });

  it("are not said to part anywhere else", () => {
    fc.assert(
      fc.property(parted, fc.nat(80), ({ shared, first, second }, index) => {
        fc.pre(index !== shared);
        const proof = prove(first, second, true);
        const { branches } = proof.divergence as NonNullable<ForkProof["divergence"]>;
        const moved = { ...proof, divergence: { index, branches } };
        expect(openFork(moved, log)).toEqual({ ok: false, reason: "not-located" });
      }),
    );
  });

  it("are not proved with any bit of the proof changed, or any hash more or less", () => {
    fc.assert(
      fc.property(parted, fc.nat(), fc.nat(255), ({ first, second }, which, bit) => {
        for (const changed of changes(prove(first, second, true), which, bit)) {
          expect(openFork(changed, log).ok).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("are not proved by another's signature, nor under another log's name", () => {
    const [first, second] = [history("first", 3, 5), history("second", 3, 9)];
    const proof = prove(first, second, true);
    const framed = { ...proof, notes: [noteOf(first), noteOf(second, stranger)] as const };
    const reason = "checkpoint-not-believed";
    expect(openFork(framed, log)).toEqual({ ok: false, reason });
    expect(openFork(proof, { ...log, origin: `${origin}2` })).toEqual({ ok: false, reason });
    const retired = { origin, keysAt: (at: number) => (at > 5 ? [] : log.keysAt()) };
    expect(openFork(proof, retired)).toEqual({ ok: false, reason });
  });
});

describe("one history", () => {
  it("is never called two, whatever proof is shown", () => {
    const any = fc.array(hash, { maxLength: 8 });
    const branch = fc.record({ consistency: any, leafHash: hash, inclusion: any });
    fc.assert(
      fc.property(size, size, any, fc.option(branch), fc.nat(70), (one, other, hashes, odd, index) => {
        const whole = history("only", 0, 70);
        const [m, n] = [Math.min(one, other), Math.max(one, other)];
        const [first, second] = [
          { ...whole, size: m },
          { ...whole, size: n },
        ];
        const notes = [noteOf(first), noteOf(second)] as const;
        const divergence = odd === null ? {} : { divergence: { index, branches: [odd, odd] as const } };
        for (const consistency of [hashes, m === n ? [] : anchoredProof(whole.read, m, n)]) {
          expect(openFork({ notes, consistency, ...divergence }, log).ok).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is not located where it parts from itself", () => {
    const whole = history("only", 0, 9);
    expect(firstDifference(whole, { ...whole, size: 4 })).toBeNull();
    expect(() => locateFork(whole, whole)).toThrow(RangeError);
  });
});

/** The proof with one bit flipped somewhere, and with each of its lists longer and shorter by one hash. */
function changes(proof: ForkProof, which: number, bit: number): readonly ForkProof[] {
  const flip = (bytes: Uint8Array) => {
    const copy = Uint8Array.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return copy;
  };
  const lists = (hashes: Proof): Proof[] => [
    ...(hashes.length === 0 ? [] : [hashes.slice(1)]),
    [...hashes, new Uint8Array(32)],
    ...(hashes.length === 0
      ? []
      : [hashes.map((one, at) => (at === which % hashes.length ? flip(one) : one))]),
  ];
  const { index, branches } = proof.divergence as NonNullable<ForkProof["divergence"]>;
  const inBranches = branches.flatMap((branch, order) => {
    const changed: Branch[] = [
      ...lists(branch.consistency).map((consistency) => ({ ...branch, consistency })),
      ...lists(branch.inclusion).map((inclusion) => ({ ...branch, inclusion })),
      { ...branch, leafHash: flip(branch.leafHash) },
    ];
    return changed.map((one) =>
      order === 0 ? ([one, branches[1]] as const) : ([branches[0], one] as const),
    );
  });
  return [
    ...lists(proof.consistency).map((consistency) => ({ ...proof, consistency })),
    ...inBranches.map((pair) => ({ ...proof, divergence: { index, branches: pair } })),
    { ...proof, notes: [proof.notes[1], proof.notes[0]] as const },
  ];
}
