// Goal: the quick way through the gate takes nothing that the gate refuses, gives the same value, and does take ordinary headers.
// Method: random headers, texts changed a character or a member at a time, and the shared vectors, through both.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBytes } from "./bytes.ts";
import { canonicalText, type Json } from "./canonical.ts";
import { encodeHeader, examineHeader, type Header } from "./header.ts";
import { scanHeader } from "./header-scan.ts";
import { toMultikey } from "./ids.ts";

const hash = (letter: string): string => `${letter.repeat(42)}A`;
const log = (letter: string): string => `${letter.repeat(21)}A`;
const by = toMultikey(new Uint8Array(32).fill(7));
const logs = ["B", "C", "D"].map(log);
const seq = fc.oneof(fc.nat(1_000), fc.constantFrom(2 ** 53 - 1, 2 ** 53, 10 ** 15, 10 ** 16));
const ref = fc.tuple(fc.constantFrom(...logs), seq).map(([name, at]) => `${name}.${at}`);
const parents = fc
  .uniqueArray(ref, { maxLength: 3, selector: (parent) => parent.slice(0, 22) })
  .map((refs) => refs.map((parent) => `${parent}@${hash("E")}`).sort());
const word = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom("__proto__", "é", "\u{1F600}", '"', "\\", "10", "9", "\u2028"),
);
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 8, withCrossShrink: true },
    word,
    fc.boolean(),
    fc.constant(null),
    fc.nat(),
    fc.constantFrom(-1, 0.5, 2 ** 53, 2 ** 53 - 1, 1e21),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(word, tie("value"), { maxKeys: 3 }),
  ),
}));
const prev = hash("V");
const form = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom({ v: 1 as const }, { v: 2 as const, prev }) },
  { weight: 1, arbitrary: fc.constantFrom({ v: 1 as const, prev }, { v: 2 as const }) },
);
const members = fc.record({
  net: fc.constant(hash("N")),
  by: fc.constant(by),
  log: fc.constant(log("A")),
  seq: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 99 }) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
  at: fc.tuple(
    fc.constantFrom(0, 1_700_000_000_000, 4_102_444_800_000, 4_102_444_800_001),
    fc.constantFrom(0, 9, 65_535, 65_536),
  ),
  parents,
  type: fc.constantFrom(
    "commitment.released",
    "org.example.counted",
    "log.opened",
    "partner.keys-set",
    "sealed",
    "nodot",
    "a.B",
  ),
  subject: fc.oneof(fc.constant(null), ref, fc.constantFrom("sealed", "")),
  audience: fc.oneof(fc.constant("network"), ref),
  payload: fc.oneof(
    fc.constant(null),
    fc.record({ hash: fc.constant(hash("P")), size: fc.constantFrom(1, 2, 262_144, 262_145) }),
  ),
  x: fc.dictionary(word, json, { maxKeys: 3 }),
});

const header = fc.tuple(form, members).map(([version, rest]) => ({ ...version, ...rest }));

const agrees = (bytes: Uint8Array): void => {
  const scanned = scanHeader(bytes);
  if (scanned !== null) expect(examineHeader(bytes)).toEqual({ ok: true, value: scanned });
};
const textOf = (value: unknown): Uint8Array | null => {
  try {
    return toBytes(canonicalText(value as Json));
  } catch {
    // Numbers with an exponent, names with an escape: they have no text.
    return null;
  }
};

describe("the quick way through the gate", () => {
  it("takes nothing that the gate refuses, and reads the same", () => {
    let taken = 0;
    fc.assert(
      fc.property(header, (value) => {
        const bytes = textOf(value);
        if (bytes === null) return;
        agrees(bytes);
        if (scanHeader(bytes) !== null) taken += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  it("takes no text that was changed by a character, unless the gate does", () => {
    const ordinary = encodeHeader({
      v: 1,
      net: hash("N"),
      by,
      log: log("A"),
      seq: 12,
      at: [1_700_000_000_000, 3],
      parents: [`${log("B")}.3@${hash("E")}`, `${log("C")}.0@${hash("F")}`],
      type: "commitment.pledged",
      subject: `${log("B")}.3`,
      audience: "network",
      payload: { hash: hash("P"), size: 90 },
      x: { due: "2027-03-01", part: 40, to: [{ a: null, b: true }], word: "é" },
    });
    expect(scanHeader(ordinary)).not.toBeNull();
    const text = new TextDecoder().decode(ordinary);
    const piece = fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.constantFrom('"', ",", "0", "-", " ", "}", "{", "[", "]", "\\", "\\u0041", ".", "@", "e"),
    );
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(4), piece, (at, skipped, put) => {
        agrees(toBytes(text.slice(0, at) + put + text.slice(at + skipped)));
      }),
      { numRuns: 20_000 },
    );
    fc.assert(
      fc.property(fc.nat(ordinary.length - 1), fc.nat(255), (at, byte) => {
        const changed = ordinary.slice();
        changed[at] = byte;
        agrees(changed);
      }),
      { numRuns: 5_000 },
    );
  });

  it("takes at the bounds what the gate takes: x of 2,048 bytes in seven levels", () => {
    const base: Header = {
      v: 1,
      net: hash("N"),
      by,
      log: log("A"),
      seq: 1,
      at: [1, 0],
      parents: [],
      type: "a.b",
      subject: null,
      audience: "network",
      payload: null,
      x: {},
    };
    const nested = (levels: number): Json => (levels === 0 ? 1 : { a: nested(levels - 1) });
    const cases: [x: unknown, isTaken: boolean][] = [
      [{ a: "x".repeat(2_048 - 8) }, true],
      [{ a: "x".repeat(2_048 - 7) }, false],
      [{ a: "é".repeat(1_020) }, true],
      [{ a: "é".repeat(1_021) }, false],
      [nested(7), true],
      [nested(8), false],
    ];
    for (const [x, isTaken] of cases) {
      const bytes = textOf({ ...base, x }) as Uint8Array;
      expect(examineHeader(bytes).ok).toBe(isTaken);
      expect(scanHeader(bytes) !== null).toBe(isTaken);
    }
  });

  it("agrees on every shared vector, and takes the ordinary ones", () => {
    const vectors = (name: string) =>
      (
        JSON.parse(
          readFileSync(
            join(import.meta.dirname, "..", "..", "..", "test", "vectors", `${name}.json`),
            "utf8",
          ),
        ) as { cases: { bytes: string }[] }
      ).cases.map(({ bytes }) => new Uint8Array(Buffer.from(bytes, "base64")));
    for (const bytes of [...vectors("headers_valid"), ...vectors("headers_invalid")]) agrees(bytes);
    expect(vectors("headers_valid").filter((bytes) => scanHeader(bytes) !== null).length).toBeGreaterThan(3);
  });
});
