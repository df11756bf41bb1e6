// Goal: names on the wire have one text each. Method: laws, then the texts that must not pass.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromB64u, toB64u } from "./bytes.ts";
import {
  Day,
  fromMultikey,
  hashOf,
  LogId,
  Multikey,
  pin,
  Ref,
  refOf,
  splitRef,
  toMultikey,
  unpin,
} from "./ids.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("ids", () => {
  it("a multikey is read back, and passes its schema", () => {
    fc.assert(
      fc.property(bytes(32), (raw) => {
        const text = toMultikey(raw);
        expect(Multikey.safeParse(text).success).toBe(true);
        expect(fromMultikey(text)).toEqual(raw);
      }),
    );
  });

  it("base64url has one text for each value", () => {
    fc.assert(
      fc.property(bytes(16), (raw) => {
        expect(fromB64u(toB64u(raw))).toEqual(raw);
      }),
    );
    // Non-zero bits behind the last byte, padding, the other alphabet.
    for (const text of ["AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAA/A"])
      expect(LogId.safeParse(text).success).toBe(false);
  });

  it("a ref is put together and taken apart", () => {
    fc.assert(
      fc.property(bytes(16), fc.nat(Number.MAX_SAFE_INTEGER), bytes(32), (raw, seq, digest) => {
        const ref = refOf(toB64u(raw), seq);
        const pinned = pin(ref, toB64u(digest));
        expect(Ref.safeParse(ref).success).toBe(true);
        expect(unpin(pinned)).toBe(ref);
        expect(unpin(ref)).toBe(ref);
        expect(hashOf(pinned)).toBe(toB64u(digest));
        expect(splitRef(pinned)).toEqual({ log: toB64u(raw), seq });
      }),
    );
  });

  it("a multikey of another kind of key is none", () => {
    for (const text of [
      "z6Mk111111111111111111111111111111111111111111111",
      `z6Mk${"1".repeat(44)}`,
      `z6Mk${"z".repeat(44)}`,
    ]) {
      expect(Multikey.safeParse(text).success).toBe(false);
      expect(fromMultikey(text)).toBeNull();
    }
  });

  it("a day exists", () => {
    expect(Day.safeParse("2026-02-28").success).toBe(true);
    for (const text of ["2026-02-30", "2026-2-3", "26-02-03", "2026-02-28T00:00:00Z"])
      expect(Day.safeParse(text).success).toBe(false);
  });
});
