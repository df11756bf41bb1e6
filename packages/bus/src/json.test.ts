import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeJson, encodeJson, type Schema } from "./json.ts";

type Pair = { readonly name: string; readonly count: number };

/** As strict as a zod schema, without one. */
const Pair: Schema<Pair> = {
  safeParse: (value) => {
    const { name, count, ...rest } = (value ?? {}) as Record<string, unknown>;
    const fits = typeof name === "string" && typeof count === "number" && Object.keys(rest).length === 0;
    return fits ? { success: true, data: { name, count } } : { success: false, error: "not a pair" };
  },
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("JSON at the edge", () => {
  it("gives back what was written", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer(), (name, count) => {
        expect(decodeJson(Pair, encodeJson({ name, count }))).toEqual({
          ok: true,
          value: { name, count },
        });
      }),
    );
  });

  it.each<[what: string, data: Uint8Array, refusal: string]>([
    ["nothing", bytes(""), "malformed"],
    ["no JSON", bytes("{name:1}"), "malformed"],
    ["a byte order mark", bytes('\uFEFF{"name":"a","count":1}'), "malformed"],
    ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "malformed"],
    ["another shape", bytes("[]"), "schema"],
    ["a member too many", bytes('{"name":"a","count":1,"more":true}'), "schema"],
    ["a member that names the prototype", bytes('{"name":"a","count":1,"__proto__":{}}'), "schema"],
  ])("refuses %s", (_what, data, refusal) => {
    expect(decodeJson(Pair, data)).toMatchObject({ ok: false, refusal });
  });
});
