// Goal: whatever bytes a peer sends, the gates of the protocol answer with the right code, throw nothing, and let nothing
// in that does anything by itself. Method: the tables in this folder, on every surface they speak of.
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import { parseCharter } from "@handfast/protocol/charter";
import { readEvent } from "@handfast/protocol/events";
import { parseFrame } from "@handfast/protocol/frame";
import { type Header, parseHeader, refsOf } from "@handfast/protocol/header";
import { readBody } from "@handfast/protocol/payload";
import { afterEach, describe, expect, it, vi } from "vitest";
import { good, readCases, type Surface } from "./inputs.ts";

type Answer = { readonly code: string; readonly detail?: string; readonly values: readonly unknown[] };
type Gated = ReturnType<typeof parseHeader> | ReturnType<typeof readBody> | ReturnType<typeof parseCharter>;

const answerOf = (gated: Gated): Answer =>
  gated.ok ? { code: "ok", values: [gated.value] } : { ...gated, values: [] };

/** What a node does with bytes that came in through this surface. */
function receive(surface: Surface, bytes: Uint8Array): Answer {
  switch (surface) {
    case "header":
    case "opening":
      return answerOf(parseHeader(bytes));
    case "payload":
      return answerOf(readBody(bytes));
    case "charter":
      return answerOf(parseCharter(bytes));
    case "frame": {
      const frame = parseFrame(bytes);
      if ("malformed" in frame) return { code: "malformed", detail: frame.malformed, values: [] };
      const answers = frame.headers.map((header) => answerOf(parseHeader(header)));
      const refused = answers.find(({ code }) => code !== "ok");
      return refused ?? { code: "ok", values: answers.flatMap(({ values }) => values) };
    }
  }
}

const builtIn = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const ownKeys = () => builtIn.map((one) => Reflect.ownKeys(one));
const untouched = ownKeys();

/** Plain data all the way down: no other prototype, nothing that can be called. */
function expectInert(value: unknown): void {
  expect(typeof value).not.toBe("function");
  if (value === null || typeof value !== "object") return;
  expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
  for (const item of Object.values(value)) expectInert(item);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a good input", () => {
  it.each(Object.keys(good) as Surface[])("is taken as %s", (surface) => {
    expect(receive(surface, Buffer.from(good[surface]))).toMatchObject({ code: "ok" });
  });
});

describe("a hostile input", () => {
  it.each(readCases())("$id as $surface: $why", ({ surface, make, code, unparsed }) => {
    const bytes = make();
    const parse = vi.spyOn(JSON, "parse");
    const answer = receive(surface, bytes);

    expect(answer.code).toBe(code);
    if (unparsed) expect(parse).not.toHaveBeenCalled();
    // Details are logged: they must not carry what was sent.
    expect(answer.detail ?? "").toMatch(/^[ -~]{0,200}$/);
    expect(ownKeys()).toEqual(untouched);
    for (const value of answer.values) expectInert(value);
    if (code !== "ok") return;
    if (surface !== "frame")
      expect(canonicalText(answer.values[0] as Json)).toBe(Buffer.from(bytes).toString());
    if (surface === "payload" || surface === "charter") return;
    for (const header of answer.values as Header[]) {
      expect(readEvent(header)).toHaveProperty("ok");
      expect(refsOf(header).every((ref) => ref.length > 0)).toBe(true);
    }
  });
});
