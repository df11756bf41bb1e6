// Goal: a frame is read back as written, and no cut, changed or stuffed one is read as anything.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBytes } from "./bytes.ts";
import { type Frame, formatFrame, parseFrame } from "./frame.ts";

const frame = fc
  .record({
    net: fc.constant("A".repeat(43)),
    log: fc.constant("A".repeat(22)),
    from: fc.nat(1_000_000),
    headers: fc.array(
      fc.string({ minLength: 1 }).map((text) => toBytes(`{${text.replaceAll("\n", "")}}`)),
      { minLength: 1, maxLength: 8 },
    ),
    proof: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 5 }),
    note: fc.constantFrom("a\n1\nb\n\n\u2014 a c\n", "x\n"),
  })
  .map((parts): Frame => ({ ...parts, to: parts.from + parts.headers.length }));

describe("a frame", () => {
  it("is read back as written", () => {
    fc.assert(
      fc.property(frame, (one) => {
        const back = parseFrame(formatFrame(one));
        expect(
          "malformed" in back
            ? back
            : { ...back, headers: back.headers.map(String), proof: back.proof.map(String) },
        ).toEqual({
          ...one,
          headers: one.headers.map(String),
          proof: one.proof.map(String),
        });
      }),
    );
  });

  it("that was cut before its note is malformed", () => {
    fc.assert(
      fc.property(frame, fc.nat(), (one, cut) => {
        const bytes = formatFrame(one);
        const upTo = cut % (bytes.length - toBytes(one.note).length);
        expect(parseFrame(bytes.subarray(0, upTo))).toHaveProperty("malformed");
      }),
    );
  });

  it.each<[what: string, text: string]>([
    ["another label", "handfast/batch/v2 A B 0 1\n"],
    ["no entries", `handfast/batch/v1 ${"A".repeat(43)} ${"A".repeat(22)} 5 5\n\n\nn`],
    [
      "a place beyond 2^53-1",
      `handfast/batch/v1 ${"A".repeat(43)} ${"A".repeat(22)} 9007199254740991 9007199254740992\n{}\n\n\nn`,
    ],
    ["a million entries", `handfast/batch/v1 ${"A".repeat(43)} ${"A".repeat(22)} 0 1000000\n{}\n\n\nn`],
    ["a leading zero", `handfast/batch/v1 ${"A".repeat(43)} ${"A".repeat(22)} 00 1\n{}\n\n\nn`],
    ["a sixth word", `handfast/batch/v1 ${"A".repeat(43)} ${"A".repeat(22)} 0 1 x\n{}\n\n\nn`],
    [
      "a proof that is not a hash",
      `handfast/batch/v1 ${"A".repeat(43)} ${"A".repeat(22)} 0 1\n{}\n\nAAAA\n\nn`,
    ],
  ])("with %s is malformed", (_what, text) => {
    expect(parseFrame(toBytes(text))).toHaveProperty("malformed");
  });
});
