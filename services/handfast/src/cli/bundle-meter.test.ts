// Goal: however a bundle's bytes are cut, its export says how many of its entries and texts are written, and all of them at the end.
import { expect, it } from "vitest";
import { createBundleMeter } from "./bundle-meter.ts";

const section = (kind: string, content: string) => `${kind} ${Buffer.byteLength(content)}\n${content}\n`;
const log = (size: number) => ({ by: "z6Mk", log: "RmBVbYlMcVbGdnqJIm2XAQ", size });
const bundle = Buffer.from(
  [
    "handfast/bundle/v1\n",
    section("manifest", JSON.stringify({ logs: [log(3), log(1)], payloads: 2, v: 1 })),
    // What is not an entry may have as many lines as it likes.
    section("charter", "{}\n\n"),
    section("log", "{}"),
    section("entries", '{"seq":0}\n{"seq":1}\n'),
    section("entries", '{"seq":2}\n'),
    section("checkpoint", "handfast\n3\nroot\n"),
    section("log", "{}"),
    section("entries", '{"seq":0,"title":"हिन्दी"}\n'),
    section("checkpoint", "handfast\n1\nroot\n"),
    section("payloads", '{"ref":"a"}\n{"ref":"b"}\n'),
    `end ${"0".repeat(64)}\n`,
  ].join(""),
);

it.each([1, 2, 3, 7, 50, bundle.length])("counts entries and texts in pieces of %i bytes", (size) => {
  const meter = createBundleMeter();
  const said: (string | null)[] = [];
  for (let at = 0; at < bundle.length; at += size) said.push(meter(bundle.subarray(at, at + size)));
  const counts = said.map((text) => (text === null ? -1 : Number.parseInt(text, 10)));
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(said.at(-1)).toBe("6 of 6 entries and texts");
  if (size === 1) expect([...new Set(counts)]).toEqual([-1, 0, 1, 2, 3, 4, 5, 6]);
});
