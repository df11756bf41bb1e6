// Goal: a note comes back as it was written, and nobody can change what was signed. Mutations are of single
// characters and bytes anywhere in a note, and of lines; the texts are ones no log would write, with empty
// lines and dashes, because the form must hold for them too.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCheckpointText, openCheckpoint, parseCheckpoint, signCheckpoint } from "../src/checkpoint.ts";
import {
  addSignatures,
  formatNote,
  maxNoteBytes,
  maxNoteSignatures,
  openNote,
  parseNote,
  signatureBy,
  signNote,
  verifyNote,
} from "../src/note.ts";
import {
  cosigner,
  formatVerifierKey,
  noteKey,
  noteSigner,
  parseVerifierKey,
  signatureTypes,
} from "../src/note-keys.ts";
import { generateKey } from "../src/signer.ts";
import { leafHash } from "../src/tree.ts";

const author = generateKey();
const witness = generateKey();
const stranger = generateKey();
const name = "handfast/v1/net/orchard/log";
const authorKey = noteKey(name, author.publicKey);
const witnessKey = noteKey("ferry/witness", witness.publicKey, signatureTypes.cosignature);
const logSigner = noteSigner(name, author);

const line = fc.oneof(
  fc.constant(""),
  fc.constant("— a b"),
  fc.string({ unit: "binary" }).map((s) => s.replace(/\p{Cc}/gu, "")),
);
const text = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => `${lines.join("\n")}\n`);
const seconds = fc.maxSafeNat();
const thorough = { numRuns: 300 };

describe("a note", () => {
  it("comes back as it was written, with all who signed", () => {
    fc.assert(
      fc.property(text, seconds, (body, time) => {
        const signed = signNote(
          body,
          logSigner,
          cosigner(witnessKey.name, witness, time),
          noteSigner("unknown", stranger),
        );
        const written = formatNote(signed);
        expect(parseNote(written)).toEqual({ ok: true, note: signed });
        expect(parseNote(Buffer.from(written))).toEqual({ ok: true, note: signed });
        expect(openNote(written, [witnessKey, authorKey])).toEqual({
          ok: true,
          note: signed,
          signedBy: [
            { key: authorKey, timeSeconds: null },
            { key: witnessKey, timeSeconds: time },
          ],
        });
      }),
      thorough,
    );
  });

  it("with one character changed, dropped or put in is never believed to say something else", () => {
    fc.assert(
      fc.property(
        text,
        fc.nat(),
        fc.string({ unit: "binary", minLength: 0, maxLength: 1 }),
        (body, where, other) => {
          const written = formatNote(signNote(body, logSigner));
          const at = where % written.length;
          for (const cut of [0, 1]) {
            const mutated = written.slice(0, at) + other + written.slice(at + cut);
            if (mutated === written) continue;
            expect(openNote(mutated, [authorKey]).ok).toBe(false);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("with one bit of its bytes flipped is never believed", () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat({ max: 7 }), (body, where, bit) => {
        const written = Buffer.from(formatNote(signNote(body, logSigner)));
        const at = where % written.length;
        written[at] = (written[at] ?? 0) ^ (2 ** bit);
        expect(openNote(written, [authorKey]).ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is read without a fault, whatever it is", () => {
    const tail = fc.string({ unit: "binary", maxLength: 40 });
    fc.assert(
      fc.property(
        fc.oneof(
          tail,
          tail.map((rest) => `a\n\n— ${rest}\n`),
        ),
        fc.uint8Array({ maxLength: 60 }),
        (odd, bytes) => {
          for (const source of [odd, bytes]) {
            const parsed = parseNote(source);
            if (parsed.ok) expect(formatNote(parsed.note)).toBe(Buffer.from(source).toString());
            expect(parseCheckpoint(source)).toHaveProperty("ok");
          }
          expect(parseVerifierKey(odd).ok).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("has limits, and keeps to them exactly", () => {
    const many = (count: number) => {
      const [first] = signNote("a\n", logSigner).signatures;
      const signatures = Array.from({ length: count }, (_none, i) => ({
        name: `k${i}`,
        id: "00000000",
        signature: Buffer.of(1),
      }));
      return formatNote({
        text: "a\n",
        signatures: first === undefined ? [] : [first, ...signatures.slice(1)],
      });
    };
    expect(openNote(many(maxNoteSignatures), [authorKey]).ok).toBe(true);
    expect(parseNote(many(maxNoteSignatures + 1))).toEqual({ ok: false, reason: "too-many-signatures" });
    const rest = formatNote(signNote("\n", logSigner)).length + 2;
    const wide = (length: number) =>
      formatNote(signNote(`${"ä".repeat(Math.floor(length / 2))}${"a".repeat(length % 2)}\n`, logSigner));
    expect(parseNote(wide(maxNoteBytes - rest)).ok).toBe(true);
    expect(parseNote(wide(maxNoteBytes - rest + 1))).toEqual({ ok: false, reason: "too-large" });
    expect(parseNote(Buffer.from(wide(maxNoteBytes - rest + 1)))).toEqual({ ok: false, reason: "too-large" });
  });

  it("of our own is not written when it could not be read back", () => {
    for (const bad of ["", "no newline", "a\r\n", "tab\t\n", "\ud800\n"])
      expect(() => signNote(bad, logSigner)).toThrow(TypeError);
    for (const bad of ["", "a b", "a+b", "a\u00a0b", "a\u2028b", "a\nb", "a\u0001"]) {
      expect(() => noteKey(bad, author.publicKey)).toThrow(TypeError);
    }
    expect(() => cosigner("w", witness, -1)).toThrow(RangeError);
    expect(() => cosigner("w", witness, 0.5)).toThrow(RangeError);
  });
});

describe("who signed", () => {
  const note = signNote("a text\n", logSigner);

  it("does not hang on the order of keys that share a name and an id", () => {
    // Such keys take 2^16 tries to make; here the id is simply written down.
    const twin = { ...noteKey(name, stranger.publicKey), id: authorKey.id };
    for (const keys of [
      [twin, authorKey],
      [authorKey, twin],
    ]) {
      expect(verifyNote(note, keys)).toEqual({ ok: true, signedBy: [{ key: authorKey, timeSeconds: null }] });
    }
    expect(verifyNote(note, [twin])).toEqual({ ok: false, reason: "bad-signature" });
  });

  it("is not a key that shares only the name or only the id", () => {
    const other = [
      { ...authorKey, id: "00000000" },
      { ...authorKey, name: "another" },
    ];
    expect(verifyNote(note, other)).toEqual({ ok: false, reason: "no-known-signature" });
  });

  it("cannot be told from a cosignature by the same key", () => {
    const asWitness = noteKey(name, author.publicKey, signatureTypes.cosignature);
    const [signature] = note.signatures;
    if (signature === undefined) throw new Error("there is one");
    const relabelled = { ...signature, id: asWitness.id };
    for (const bytes of [signature.signature, Buffer.concat([Buffer.alloc(8), signature.signature])]) {
      const shown = { text: note.text, signatures: [{ ...relabelled, signature: bytes }] };
      expect(verifyNote(shown, [asWitness, authorKey])).toEqual({ ok: false, reason: "bad-signature" });
    }
  });

  it("is refused with a time beyond 2^53", () => {
    const signature = signatureBy(cosigner(witnessKey.name, witness, 1), note.text);
    const message = Buffer.from(`cosignature/v1\ntime ${2n ** 53n}\n${note.text}`);
    const late = Buffer.concat([Buffer.from("0020000000000000", "hex"), witness.sign(message)]);
    const shown = addSignatures(note, { ...signature, signature: late });
    expect(verifyNote(shown, [authorKey, witnessKey])).toEqual({ ok: false, reason: "bad-signature" });
  });

  it("is added once, and the first stays", () => {
    const early = signatureBy(cosigner(witnessKey.name, witness, 1), note.text);
    const late = signatureBy(cosigner(witnessKey.name, witness, 2), note.text);
    const both = addSignatures(addSignatures(note, early), late, ...note.signatures);
    expect(both.signatures).toEqual([...note.signatures, early]);
  });

  it("can be written down as a verifier key", () => {
    for (const key of [authorKey, witnessKey])
      expect(parseVerifierKey(formatVerifierKey(key))).toEqual({ ok: true, key });
    const { id } = authorKey;
    const renamed = formatVerifierKey({ ...authorKey, name: "other" });
    expect(parseVerifierKey(renamed)).toEqual({ ok: false, reason: "wrong-key-id" });
    expect(parseVerifierKey(`${name}+${id}+AgAA`)).toEqual({ ok: false, reason: "unknown-type" });
    expect(parseVerifierKey(`${name}+${id}+AQAA`)).toEqual({ ok: false, reason: "not-32-bytes" });
  });
});

describe("a checkpoint", () => {
  const root = leafHash(Buffer.from("one"));

  it("comes back with the same size and root, and only for its own log", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, bytes) => {
        const written = formatNote(signCheckpoint({ origin: name, size, root: bytes }, author));
        const opened = openCheckpoint(written, name, [authorKey]);
        expect(opened).toMatchObject({ ok: true, checkpoint: { origin: name, size, extensions: [] } });
        expect(opened.ok && Buffer.compare(opened.checkpoint.root, bytes)).toBe(0);
        expect(openCheckpoint(written, `${name}2`, [authorKey])).toEqual({
          ok: false,
          reason: "wrong-origin",
        });
      }),
      thorough,
    );
  });

  it("carries both signatures where a root key and a log key sign", () => {
    const note = signCheckpoint({ origin: name, size: 1, root }, author, stranger);
    expect(
      openCheckpoint(formatNote(note), name, [noteKey(name, stranger.publicKey), authorKey]),
    ).toMatchObject({
      signedBy: [{ key: authorKey }, { key: { key: stranger.publicKey } }],
    });
  });

  it("is not signed by its log when a key under the log's name only cosigned it", () => {
    const { text } = signCheckpoint({ origin: name, size: 1, root }, author);
    const cosigned = formatNote(signNote(text, cosigner(name, witness, 1)));
    const keys = [authorKey, noteKey(name, witness.publicKey, signatureTypes.cosignature)];
    expect(openCheckpoint(cosigned, name, keys)).toEqual({ ok: false, reason: "not-signed-by-log" });
  });

  it("tells its extension lines, and is then not one of ours", () => {
    const note = formatNote(
      signNote(`${formatCheckpointText({ origin: name, size: 1, root })}more\nand more\n`, logSigner),
    );
    expect(parseCheckpoint(note)).toMatchObject({
      ok: true,
      checkpoint: { extensions: ["more", "and more"] },
    });
    expect(openCheckpoint(note, name, [authorKey])).toEqual({ ok: false, reason: "extension-lines" });
  });

  it("is not written with a size or root that has no form", () => {
    for (const size of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => signCheckpoint({ origin: name, size, root }, author)).toThrow(RangeError);
    }
    expect(() => signCheckpoint({ origin: name, size: 1, root: root.subarray(1) }, author)).toThrow(
      RangeError,
    );
  });
});
