// Goal: no two readers of a body can see different things in it. Method: what JSON.parse would silently resolve is refused, and
// nothing else is.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonBody } from "./json-gate.ts";
import { ProblemError } from "./problem.ts";

const read = (text: string): unknown => readJsonBody(new TextEncoder().encode(text), 65_536);

describe("the gate for bodies", () => {
  it("lets every value through that is JSON with each member once", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const value: unknown = JSON.parse(text);
        // Names with escapes are refused before (docs/decisions/0008); made by JSON.stringify, no member stands twice.
        fc.pre(!text.includes("\\") && !text.includes("__proto__"));
        const spaced = JSON.stringify(value, null, 2);
        expect(read(spaced)).toEqual(value);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["a member twice", '{"a":1,"a":2}'],
    ["a member twice, once escaped", '{"a":1,"\\u0061":2}'],
    ["a member twice, deep inside", '[{"x":{"b":[],"c":{"d":1},"b":2}}]'],
    ["__proto__", '{"__proto__":{"role":"steward"}}'],
    ["__proto__, escaped", '{"\\u005f_proto__":1}'],
    ["no JSON", "{'a':1}"],
    ["a trailing comma", '{"a":1,}'],
    ["two values", "{}{}"],
    ["nothing", ""],
    ["a byte order mark", "\ufeff{}"],
    ["too deep", `${"[".repeat(17)}${"]".repeat(17)}`],
  ])("refuses %s", (_what, text) => {
    expect(() => read(text)).toThrow(ProblemError);
  });

  it("lets equal members stand in different objects, and equal texts be values", () => {
    expect(read('{"a":{"b":"a"},"c":["a","a",{"a":"\\"b\\":1,\\"b\\":2"}]}')).toBeTruthy();
  });

  it("refuses what is not UTF-8", () => {
    expect(() => readJsonBody(Uint8Array.of(0x22, 0xff, 0x22), 65_536)).toThrow(ProblemError);
  });
});
