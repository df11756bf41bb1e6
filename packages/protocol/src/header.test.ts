// Goal: a header is believed only when it is the one line our encoder would write. Method: one good header, then one change
// at a time with the code it must get.
import { describe, expect, it } from "vitest";
import { toBytes } from "./bytes.ts";
import { canonicalText, type Json } from "./canonical.ts";
import { encodeHeader, type Header, parseHeader, refsOf } from "./header.ts";
import { toMultikey } from "./ids.ts";

const log = "AAAAAAAAAAAAAAAAAAAAAA";
const other = "BBBBBBBBBBBBBBBBBBBBBA";
const hash = "A".repeat(43);
const by = toMultikey(new Uint8Array(32).fill(7));
const good: Header = {
  v: 1,
  net: hash,
  by,
  log,
  seq: 3,
  at: [1_700_000_000_000, 0],
  parents: [`${other}.0@${hash}`],
  type: "commitment.released",
  subject: `${other}.0`,
  audience: "network",
  payload: null,
  x: {},
};
const opened: Header = {
  ...good,
  seq: 0,
  parents: [],
  type: "log.opened",
  subject: null,
  x: { root: by, keys: [by], witness: by, next: hash, name: "Orchard" },
};
const codeOf = (value: unknown) => {
  const parsed = parseHeader(toBytes(canonicalText(value as Json)));
  return parsed.ok ? "ok" : parsed.code;
};

describe("a header", () => {
  it("of a later version is never told to be in the wrong form: that would be remembered", () => {
    expect(parseHeader(toBytes('{ "v":3, "by": 1e2 }'))).toMatchObject({ code: "version" });
    expect(parseHeader(toBytes('{ "v":1 }'))).toMatchObject({ code: "not-canonical" });
  });

  it("that is sealed names nothing but its parents", () => {
    expect(refsOf({ ...good, type: "sealed", subject: "sealed", parents: [] })).toEqual([]);
    expect(refsOf(good)).toEqual([`${other}.0`, `${other}.0`]);
  });

  it("is read back as written", () => {
    for (const header of [good, opened, { ...good, v: 2 as const, prev: hash }, { ...opened, v: 2 as const }])
      expect(parseHeader(encodeHeader(header))).toEqual({ ok: true, value: header });
  });

  it.each<[what: string, change: Record<string, unknown>, code: string]>([
    ["another version", { v: 3 }, "version"],
    ["version 2 without the entry before it", { v: 2 }, "schema"],
    ["version 1 with the entry before it", { prev: hash }, "schema"],
    ["a version that is not a number", { v: "1" }, "schema"],
    ["an unknown member", { more: 1 }, "schema"],
    ["a missing member", { x: undefined }, "schema"],
    ["text for a number", { seq: "3" }, "schema"],
    ["a negative seq", { seq: -1 }, "schema"],
    ["seq 2^53", { seq: 2 ** 53 }, "schema"],
    ["half a seq", { seq: 0.5 }, "schema"],
    ["a clock counter of 65,536", { at: [1, 65_536] }, "schema"],
    ["a time after 2100", { at: [4_102_444_800_001, 0] }, "schema"],
    [
      "parents out of order",
      { parents: [`${other}.0@${hash}`, `AAAAAAAAAAAAAAAAAAAAAQ.0@${hash}`] },
      "schema",
    ],
    ["a parent twice", { parents: [`${other}.0@${hash}`, `${other}.0@${hash}`] }, "schema"],
    ["two parents of one log", { parents: [`${other}.0@${hash}`, `${other}.1@${hash}`] }, "schema"],
    ["a parent in its own log", { parents: [`${log}.1@${hash}`] }, "schema"],
    [
      "17 parents",
      {
        parents: Array.from({ length: 17 }, (_, n) => `${String.fromCharCode(66 + n).repeat(21)}A.0@${hash}`),
      },
      "schema",
    ],
    ["a ref with a leading zero", { subject: `${other}.00` }, "schema"],
    ["a payload without size", { payload: { hash } }, "schema"],
    ["a capital in the type", { type: "Commitment.released" }, "schema"],
    ["an x above 2,048 bytes", { x: { note: "a".repeat(2_040) } }, "schema"],
    ["a subject whose log id has stray bits", { subject: `${other.slice(0, 21)}B.0` }, "schema"],
    ["a parent whose hash has stray bits", { parents: [`${other}.0@${hash.slice(0, 42)}B`] }, "schema"],
    ["a subject beyond 2^53-1", { subject: `${other}.9007199254740992` }, "schema"],
    ["a fraction in x", { x: { part: 0.5 } }, "schema"],
    ["a negative number in x", { x: { a: [{ b: -1 }] } }, "schema"],
    ["a type that begins with a hyphen", { type: "-a.b" }, "schema"],
    ["by that is not an Ed25519 key", { by: `z6Mk${"z".repeat(44)}` }, "schema"],
    ["what is sealed", { type: "sealed", subject: "sealed", parents: [] }, "ok"],
    ["a sealed type and an open subject", { type: "sealed" }, "schema"],
    ["an open type and a sealed subject", { subject: "sealed" }, "schema"],
    ["an unknown type", { type: "org.example.thing-done" }, "ok"],
    ["an unknown member of x", { x: { later: true } }, "ok"],
    ["log.opened elsewhere than at 0", { type: "log.opened", subject: null, x: opened.x }, "schema"],
    ["entry 0 that is not log.opened", { seq: 0 }, "schema"],
  ])("with %s answers as the protocol says", (_what, change, code) => {
    const changed = Object.fromEntries(
      Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined),
    );
    expect(codeOf(changed)).toBe(code);
  });

  it.each<[what: string, change: Record<string, unknown>]>([
    ["an unknown member of x", { x: { ...opened.x, later: 1 } }],
    ["keys out of order", { x: { ...opened.x, keys: [by, by] } }],
    ["a name in form NFD", { x: { ...opened.x, name: "Cafe\u0301" } }],
    ["a name that reorders", { x: { ...opened.x, name: "a\u202eb" } }],
    ["a parent", { parents: good.parents }],
  ])("that opens a log refuses %s", (_what, change) => {
    expect(codeOf({ ...opened, ...change })).toBe("schema");
  });
});
