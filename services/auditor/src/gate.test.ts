/** Goal: the gate lets through what an author must write, and refuses every neighbour of it with a reason. */
import { describe, expect, it } from "vitest";
import { createGate } from "./gate.ts";

const by = `z6Mk${"a".repeat(44)}`;
const log = `${"A".repeat(21)}Q`;
const other = `${"B".repeat(21)}Q`;
const third = `${"C".repeat(21)}Q`;
const net = `${"N".repeat(42)}E`;
const hash = `${"h".repeat(42)}E`;
const gate = createGate({ net, by, log, version: 1 });

type Parts = Partial<
  Record<"at" | "audience" | "by" | "log" | "net" | "parents" | "payload" | "seq", string>
> &
  Partial<Record<"subject" | "type" | "v" | "x", string>>;

/** A good header with parts replaced by other JSON texts. */
function header(parts: Parts = {}): string {
  const all: Required<Parts> = {
    at: "[1767225600000,0]",
    audience: '"network"',
    by: `"${by}"`,
    log: `"${log}"`,
    net: `"${net}"`,
    parents: `["${other}.3@${hash}"]`,
    payload: `{"hash":"${hash}","size":12}`,
    seq: "7",
    subject: `"${other}.3"`,
    type: '"help.thanked-declined"',
    v: "1",
    x: '{"offer":"é"}',
    ...parts,
  };
  return `{${Object.entries(all)
    .map(([name, value]) => `"${name}":${value}`)
    .join(",")}}`;
}

function scan(text: string): string | undefined {
  return gate.scan(Buffer.from(text), 7);
}

describe("the gate", () => {
  it("lets a good header through and finds its parts", () => {
    expect(scan(header())).toBeUndefined();
    expect(gate.header).toMatchObject({
      atMs: 1767225600000,
      atCount: 0,
      type: "help.thanked-declined",
      subject: "ref",
      subjectLog: other,
      subjectSeq: 3,
      payloadSize: 12,
      parentCount: 1,
      x: '{"offer":"é"}',
    });
  });

  it.each<Parts>([
    { subject: "null" },
    { subject: '"sealed"', type: '"sealed"' },
    { payload: "null" },
    { parents: "[]" },
    { parents: `["${other}.3@${hash}","${third}.0@${hash}"]` },
    { audience: `"${third}.9007199254740991"` },
    { type: '"org.example.thing-done"' },
    { x: "{}" },
    { x: `{"a":"${"x".repeat(2040)}"}` },
    { at: "[0,65535]" },
  ])("lets %j through", (parts) => {
    expect(scan(header(parts))).toBeUndefined();
  });

  it.each<Parts>([
    { at: "[0,65536]" },
    { at: "[-1,0]" },
    { at: "[0.5,0]" },
    { at: "[1]" },
    { audience: '"everybody"' },
    { audience: "null" },
    { by: `"${by.slice(0, -1)}b"` },
    { log: `"${other}"` },
    { net: `"${net.slice(1)}N"`, by: `"${by} "` },
    { parents: `["${log}.3@${hash}"]` },
    { parents: `["${other}.3"]` },
    { parents: `["${other}.3@${hash.slice(0, -1)}h"]` },
    { parents: `["${other}.03@${hash}"]` },
    { parents: `["${third}.3@${hash}","${other}.3@${hash}"]` },
    { parents: `["${other}.3@${hash}","${other}.4@${hash}"]` },
    { parents: `["${other}.3@${hash}",]` },
    { payload: `{"hash":"${hash}","size":262145}` },
    { payload: `{"size":12,"hash":"${hash}"}` },
    { seq: "8" },
    { seq: '"7"' },
    { subject: '"here"' },
    { subject: `"${other}.3@${hash}"` },
    { subject: `"${other.slice(0, -1)}R.3"` },
    { type: '"shared"' },
    { type: '"Help.offered"' },
    { type: `"a.${"b".repeat(95)}"` },
    { v: "2" },
    { x: "[]" },
    { x: "null" },
    { x: '{"b":1,"a":1}' },
    { x: '{"a":-1}' },
    { x: '{"a":1.5}' },
    { x: `{"a":"${"x".repeat(2041)}"}` },
    { x: `{"a":"${"é".repeat(1021)}"}` },
    { x: '{"a":[[[[[[[1]]]]]]]}' },
    { x: '{"__proto__":{}}' },
  ])("refuses %j", (parts) => {
    expect(scan(header(parts))).toMatch(/./);
  });

  it("refuses what is too long, no UTF-8, marked, padded or followed by more", () => {
    expect(gate.scan(Buffer.alloc(4097, 0x20), 7)).toMatch("4096");
    expect(gate.scan(Buffer.from(header().replace("é", "\u00ff"), "latin1"), 7)).toMatch("UTF-8");
    expect(gate.scan(Buffer.from(header().replace("é", "\u00ed\u00a0\u0080"), "latin1"), 7)).toMatch("UTF-8");
    for (const text of [
      `\ufeff${header()}`,
      `${header()} `,
      ` ${header()}`,
      `${header()}{}`,
      "",
      "{",
      header().slice(0, -1),
    ]) {
      expect(scan(text)).toMatch(/./);
    }
  });

  it("takes no text that differs in one character for a header, unless it lies in a text of x", () => {
    const good = header();
    for (let at = 0; at < good.length; at++) {
      for (const letter of ['"', "}", " ", "{", ","]) {
        if (good[at] === letter) continue;
        const touched = good.slice(0, at) + letter + good.slice(at + 1);
        if (scan(touched) !== undefined) continue;
        expect(good.slice(0, at), touched).toContain('"x":{"');
      }
    }
  });
});
