// Goal: what others published, and what we publish for others, holds here. Every case of the tlog files
// in the repository's test/vectors is read and run; their shapes are told in the README there.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openCheckpoint, signCheckpoint } from "../src/checkpoint.ts";
import { admitKey, checkSignature, verify } from "../src/ed25519.ts";
import { readerOf, rootAt } from "../src/hash-reader.ts";
import { addSignatures, formatNote, openNote, parseNote, signatureBy, signNote } from "../src/note.ts";
import { cosigner, formatVerifierKey, type NoteKey, noteSigner, parseVerifierKey } from "../src/note-keys.ts";
import {
  anchoredProof,
  consistencyProof,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from "../src/proofs.ts";
import { publicKeyBytes, signerFrom } from "../src/signer.ts";
import { leafHash } from "../src/tree.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Uint8Array.fromHex(text);

function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}`, import.meta.url), "utf8")) as T;
}

function knownKey(text: string): NoteKey {
  const parsed = parseVerifierKey(text);
  if (!parsed.ok) throw new Error(`the vectors name a key that is none: ${parsed.reason}`);
  return parsed.key;
}

describe("rfc6962.json", () => {
  type Span = { readonly from: number; readonly to: number; readonly proof: string[] };
  const { entries, leafHashes, roots, inclusion, consistency, anchored } = vectors<{
    entries: string[];
    leafHashes: string[];
    roots: string[];
    inclusion: { index: number; size: number; proof: string[] }[];
    consistency: Span[];
    anchored: Span[];
  }>("rfc6962.json");
  const leaves = entries.map((entry) => leafHash(bytes(entry)));
  const read = readerOf(leaves);
  const head = (size: number) => ({ size, root: bytes(roots[size] ?? "") });

  it("has the leaf hashes and the root of every size", () => {
    expect(leaves.map(hex)).toEqual(leafHashes);
    expect(roots.map((_root, size) => hex(rootAt(read, size)))).toEqual(roots);
  });

  it.each(inclusion)("has leaf $index in the tree of $size", ({ index, size, proof }) => {
    expect(inclusionProof(read, index, size).map(hex)).toEqual(proof);
    const claim = { leafHash: bytes(leafHashes[index] ?? ""), index, head: head(size) };
    expect(verifyInclusion(claim, proof.map(bytes))).toEqual({ ok: true });
  });

  it.each(consistency)("grows from $from to $to", ({ from, to, proof }) => {
    expect(consistencyProof(read, from, to).map(hex)).toEqual(proof);
    expect(verifyConsistency(head(from), head(to), proof.map(bytes))).toEqual({ ok: true });
  });

  it.each(anchored)("grows from $from to $to, anchored", ({ from, to, proof }) => {
    expect(anchoredProof(read, from, to).map(hex)).toEqual(proof);
  });
});

describe("ed25519-rfc8032.json", () => {
  type Case = { name: string; seed: string; publicKey: string; message: string; signature: string };
  it.each(vectors<{ cases: Case[] }>("ed25519-rfc8032.json").cases)("$name", (known) => {
    const signer = signerFrom(bytes(known.seed));
    expect(hex(publicKeyBytes(signer))).toBe(known.publicKey);
    expect(hex(signer.sign(bytes(known.message)))).toBe(known.signature);
    expect(verify(signer.publicKey, bytes(known.message), bytes(known.signature))).toBe(true);
  });
});

describe("ed25519-speccheck.json", () => {
  type Case = {
    publicKey: string;
    message: string;
    signature: string;
    refusedAt: "key" | "signature";
    reason: string;
  };
  const { cases } = vectors<{ cases: Case[] }>("ed25519-speccheck.json");

  it("has the twelve cases", () => expect(cases).toHaveLength(12));

  it.each(cases)(
    "refuses the $refusedAt: $reason",
    ({ publicKey, message, signature, refusedAt, reason }) => {
      const admitted = admitKey(bytes(publicKey));
      expect(admitted.ok ? "signature" : "key").toBe(refusedAt);
      expect(admitted.ok ? checkSignature(admitted.key, bytes(message), bytes(signature)) : admitted).toEqual(
        {
          ok: false,
          reason,
        },
      );
    },
  );
});

type Refused = { readonly why: string; readonly note: string; readonly reason: string };

describe("signed-note.json", () => {
  type Valid = { verifierKey: string; seed?: string; text: string; note: string };
  const { valid, malformed, untrusted } = vectors<{
    valid: Valid[];
    malformed: Refused[];
    untrusted: Refused[];
  }>("signed-note.json");
  const keys = valid.map(({ verifierKey }) => knownKey(verifierKey));

  it.each(valid)("opens the note of $verifierKey", ({ verifierKey, text, note, seed }) => {
    const key = knownKey(verifierKey);
    expect(formatVerifierKey(key)).toBe(verifierKey);
    expect(openNote(note, [key])).toMatchObject({
      ok: true,
      note: { text },
      signedBy: [{ key: { name: key.name } }],
    });
    if (seed !== undefined) {
      expect(formatNote(signNote(text, noteSigner(key.name, signerFrom(bytes(seed)))))).toBe(note);
    }
  });

  it.each(malformed)("refuses $why", ({ note, reason }) => {
    expect(parseNote(note)).toEqual({ ok: false, reason });
  });

  it.each(untrusted)("does not believe $why", ({ note, reason }) => {
    expect(openNote(note, keys)).toEqual({ ok: false, reason });
  });
});

describe("checkpoint.json", () => {
  type Valid = {
    why: string;
    note: string;
    size: number;
    root: string;
    signedBy: string[];
    timesSeconds: (number | null)[];
  };
  const file = vectors<{
    origin: string;
    verifierKeys: string[];
    logSeed: string;
    witnessName: string;
    witnessSeed: string;
    valid: Valid[];
    refused: Refused[];
  }>("checkpoint.json");
  const keys = file.verifierKeys.map(knownKey);

  it.each(file.valid)(
    "opens one $why, and writes it again",
    ({ note, size, root, signedBy, timesSeconds }) => {
      const opened = openCheckpoint(note, file.origin, keys);
      if (!opened.ok) throw new Error(opened.reason);
      expect(opened.checkpoint).toEqual({ origin: file.origin, size, root: bytes(root), extensions: [] });
      expect(opened.signedBy.map(({ key }) => key.name)).toEqual(signedBy);
      expect(opened.signedBy.map(({ timeSeconds }) => timeSeconds)).toEqual(timesSeconds);

      const signed = signCheckpoint(
        { origin: file.origin, size, root: bytes(root) },
        signerFrom(bytes(file.logSeed)),
      );
      const cosignatures = timesSeconds
        .filter((time) => time !== null)
        .map((time) =>
          signatureBy(cosigner(file.witnessName, signerFrom(bytes(file.witnessSeed)), time), signed.text),
        );
      expect(formatNote(addSignatures(signed, ...cosignatures))).toBe(note);
    },
  );

  it.each(file.refused)("refuses $why", ({ note, reason }) => {
    expect(openCheckpoint(note, file.origin, keys)).toEqual({ ok: false, reason });
  });
});
