// Goal: two implementations that share no code agree on every byte. The vectors of the protocol, which packages/protocol
// is held to, run through the auditor's own reading; the small network of log.json as a whole bundle. The files of tlog
// (keys, signatures, trees, notes) are read in src/crypto.test.ts.
import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeB64u, isB64u } from "../src/b64u.ts";
import { parseCharter } from "../src/charter.ts";
import { createGate } from "../src/gate.ts";
import { whyNotCanonical } from "../src/json-scan.ts";
import { parseLogOpened } from "../src/log-opened.ts";
import { decodeMultikey } from "../src/multikey.ts";
import { verifyBundle } from "../src/verify.ts";

const vectors = <T>(name: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../../../test/vectors", name), "utf8")) as T;
const base64 = (text: string) => Buffer.from(text, "base64");

describe("multikey.json", () => {
  type Vectors = {
    valid: { publicKey: string; multikey: string }[];
    invalid: { why: string; text: string }[];
  };
  const { valid, invalid } = vectors<Vectors>("multikey.json");

  it.each(valid)("reads $multikey", ({ publicKey, multikey }) => {
    expect(decodeMultikey(multikey)?.toString("hex")).toBe(publicKey);
  });

  it.each(invalid)("refuses $why", ({ text }) => {
    expect(decodeMultikey(text)).toBeUndefined();
  });
});

describe("base64url.json", () => {
  type Vectors = {
    valid: { bytes: string; text: string }[];
    invalid: { why: string; text: string; length: number }[];
  };
  const { valid, invalid } = vectors<Vectors>("base64url.json");

  it.each(valid)("reads '$text'", ({ bytes, text }) => {
    const read = Buffer.alloc(bytes.length / 2);
    expect(decodeB64u(text, 0, read.length, read, 0)).toBe(true);
    expect(read.toString("hex")).toBe(bytes);
    expect(isB64u(text, read.length)).toBe(true);
  });

  it.each(invalid)("refuses $why", ({ text, length }) => {
    expect(isB64u(text, length)).toBe(false);
  });
});

describe("canonical.json", () => {
  type Written = { text: string };
  type Vectors = { valid: Written[]; numbers: Written[]; refused: { why: string; bytes: string }[] };
  const { valid, numbers, refused } = vectors<Vectors>("canonical.json");
  const levels = 16;

  it.each(valid)("takes $text", ({ text }) => {
    expect(whyNotCanonical(text, levels)).toBeUndefined();
  });

  it.each(numbers)("refuses $text, which only payloads may have", ({ text }) => {
    expect(whyNotCanonical(text, levels)).toBeDefined();
  });

  it.each(refused)("refuses $why", ({ bytes }) => {
    const read = base64(bytes);
    expect(!isUtf8(read) || whyNotCanonical(read.toString(), levels)).toBeTruthy();
  });
});

type Place = { net: string; by: string; log: string; version: 1 | 2 };

/** What is wrong with a header at its place in a log, as a reading of the log would find it. */
function whyNot(place: Place, bytes: Buffer, seq: number): string | undefined {
  const gate = createGate(place);
  const fault = gate.scan(bytes, seq);
  if (fault !== undefined) return fault;
  const { type } = gate.header;
  if (type === "partner.keys-set") return "not spoken yet";
  if (seq > 0) return type === "log.opened" ? "a log opens once" : undefined;
  const opened = parseLogOpened(gate.header, place.by);
  return typeof opened === "string" ? opened : undefined;
}

describe("headers_valid.json", () => {
  type Value = Omit<Place, "version"> & {
    v: 1 | 2;
    prev?: string;
    seq: number;
    at: [number, number];
    type: string;
    parents: string[];
    x: object;
  };
  type Case = { why: string; bytes: string; leafHash: string; value: Value };
  const { cases } = vectors<{ cases: Case[] }>("headers_valid.json");

  it.each(cases)("takes $why", ({ bytes, leafHash, value }) => {
    const place = { ...value, version: value.v };
    expect(whyNot(place, base64(bytes), value.seq)).toBeUndefined();
    const { header, scan } = createGate(place);
    scan(base64(bytes), value.seq);
    expect([header.atMs, header.atCount, header.type]).toEqual([...value.at, value.type]);
    expect(header.hasPrev ? header.prev.toString("base64url") : undefined).toBe(value.prev);
    expect(header.parentCount).toBe(value.parents.length);
    expect(JSON.parse(header.x)).toEqual(value.x);
    expect(hash("sha256", Buffer.concat([Buffer.of(0), base64(bytes)]), "base64url")).toBe(leafHash);
  });
});

type Entry = { line: string; leafHash: string; payload: { salt: string; body: string } | null };
type Log = { by: string; log: string; entries: Entry[]; roots: string[]; checkpoints: { note: string }[] };
const network = vectors<{ charter: string; net: string; logs: Log[] }>("log.json");

describe("headers_invalid.json", () => {
  const { cases } = vectors<{ cases: { why: string; bytes: string }[] }>("headers_invalid.json");
  const [{ by, log }] = network.logs as [Log];

  const refuses = ({ bytes }: { bytes: string }) => {
    // Whatever place in the log they would be read at.
    for (const seq of [0, 4])
      for (const version of [1, 2] as const)
        expect(whyNot({ net: network.net, by, log, version }, base64(bytes), seq)).toBeDefined();
  };

  it.each(cases)("refuses $why", refuses);
});

describe("charter.json", () => {
  type Vectors = { valid: { text: string; net: string }[]; refused: { why: string; text: string }[] };
  const { valid, refused } = vectors<Vectors>("charter.json");

  it.each(valid)("names $net", ({ text, net }) => {
    expect(parseCharter(Buffer.from(text))).toMatchObject({ net });
  });

  it.each(refused)("refuses $why", ({ text }) => {
    expect(parseCharter(Buffer.from(text))).toBeTypeOf("string");
  });
});

describe("payload.json", () => {
  type Payload = { salt: string; body: string; hash: string; size: number };
  const { valid, mismatched } = vectors<{ valid: Payload[]; mismatched: (Payload & { why: string })[] }>(
    "payload.json",
  );
  const [first] = network.logs as [Log];
  const [opening, attested] = first.entries as [Entry, Entry];

  /** A log whose second entry commits to `hash` and `size`, and a line that gives `salt` and `body` for it. */
  function verdictOn({ salt, body, hash: claimed, size }: Payload): readonly string[] {
    const committed = `"payload":{"hash":"${claimed}","size":${size}}`;
    const line = attested.line.replace('"payload":null', committed);
    const entries = [opening, { ...attested, line }];
    const told = { ...first, entries, checkpoints: first.checkpoints.slice(0, 1) };
    const given = payloadLine(`${first.log}.1`, { salt, body });
    return verify([told], [given])
      .problems.filter(({ code }) => code === "payload")
      .map(({ detail }) => detail);
  }

  it.each(valid)("finds $body to be what was committed to", (payload) => {
    expect(verdictOn(payload)).toEqual([]);
  });

  it.each(mismatched)("tells $why", (payload) => {
    expect(verdictOn(payload)).toHaveLength(1);
  });
});

describe("log.json", () => {
  it("is a network that verifies, every signature and payload of it", () => {
    const payloads = network.logs.flatMap(({ log, entries }) =>
      entries.flatMap(({ payload }, seq) =>
        payload === null ? [] : [payloadLine(`${log}.${seq}`, payload)],
      ),
    );
    const logs = network.logs.toSorted((a, b) => (a.by < b.by ? -1 : 1));
    const report = verify(logs, payloads.sort(byPlace));
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ verdict: "verified", network: network.net, entries: 9 });
    expect(report.payloads.given).toBe(payloads.length);
    expect(report.logs.map(({ root }) => root)).toEqual(
      logs.map(({ roots }) => Buffer.from(roots.at(-1) ?? "", "hex").toString("base64url")),
    );
  });
});

function payloadLine(ref: string, { salt, body }: { salt: string; body: string }): string {
  return JSON.stringify({ body, ref, salt: Buffer.from(salt, "hex").toString("base64url") });
}

function byPlace(a: string, b: string): number {
  const place = (line: string) => (JSON.parse(line) as { ref: string }).ref;
  return place(a) < place(b) ? -1 : 1;
}

/** The bundle of these logs as docs/reference/bundle.md has it, judged. */
function verify(logs: readonly Log[], payloads: readonly string[]) {
  const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");
  const claims = logs.map(({ by, log, entries }) => ({ by, log, size: entries.length }));
  const manifest = {
    exportedAt: 1,
    exportedBy: logs[0]?.by,
    logs: claims,
    net: network.net,
    payloads: payloads.length,
    software: "vectors",
    v: 1,
  };
  const sections = [
    ["manifest", JSON.stringify(manifest)],
    ["charter", network.charter],
    ...logs.flatMap(({ by, log, entries, checkpoints }) => {
      const size = entries.length;
      return [
        ["log", JSON.stringify({ by, checkpoints: checkpoints.length, log, net: network.net, size })],
        ["entries", lines(entries.map(({ line }) => line))],
        ...checkpoints.map(({ note }) => ["checkpoint", note]),
      ];
    }),
    ["payloads", lines(payloads)],
  ] as [kind: string, text: string][];
  const told = sections.map(([kind, text]) => `${kind} ${Buffer.byteLength(text)}\n${text}\n`).join("");
  const bundle = `handfast/bundle/v1\n${told}`;
  using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-vectors-"));
  const path = join(folder.path, "vectors.bundle");
  writeFileSync(path, `${bundle}end ${hash("sha256", bundle)}\n`);
  return verifyBundle(path, { everySignature: true }).report;
}
