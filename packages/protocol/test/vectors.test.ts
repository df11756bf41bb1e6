// Goal: what we publish for other languages holds here. The files in the repository's test/vectors are made without our
// code; every case of those that speak of the protocol's bytes is read and run. Their shapes are told in the README there.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromB64u, sha256, toB64u, toBytes } from "../src/bytes.ts";
import { canonicalText, gateJson, type Json } from "../src/canonical.ts";
import { encodeCharter, networkIdOf, parseCharter } from "../src/charter.ts";
import { fingerprintOf } from "../src/fingerprint.ts";
import { formatFrame, parseFrame } from "../src/frame.ts";
import { encodeHeader, parseHeader } from "../src/header.ts";
import { fromMultikey, Multikey, toMultikey } from "../src/ids.ts";
import { limits } from "../src/limits.ts";
import { commitmentTo, readBody } from "../src/payload.ts";

const unhex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const unbase64 = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));
const vectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}`, import.meta.url), "utf8")) as T;

type Refused = { why: string; code: string };

describe("multikey.json", () => {
  const { valid, invalid } = vectors<{
    valid: { publicKey: string; multikey: string }[];
    invalid: { why: string; text: string }[];
  }>("multikey.json");

  it.each(valid)("writes and reads $multikey", ({ publicKey, multikey }) => {
    expect(toMultikey(unhex(publicKey))).toBe(multikey);
    expect(fromMultikey(multikey)).toEqual(unhex(publicKey));
    expect(Multikey.safeParse(multikey).success).toBe(true);
  });

  it.each(invalid)("refuses $why", ({ text }) => {
    expect(fromMultikey(text)).toBeNull();
    expect(Multikey.safeParse(text).success).toBe(false);
  });
});

describe("base64url.json", () => {
  const { valid, invalid } = vectors<{
    valid: { bytes: string; text: string }[];
    invalid: { why: string; text: string }[];
  }>("base64url.json");

  it.each(valid)("writes and reads '$text'", ({ bytes, text }) => {
    expect(toB64u(unhex(bytes))).toBe(text);
    expect(fromB64u(text)).toEqual(unhex(bytes));
  });

  it.each(invalid)("refuses $why", ({ text }) => {
    expect(fromB64u(text)).toBeNull();
  });
});

describe("canonical.json", () => {
  type Written = { value: Json; text: string };
  const { valid, numbers, refused } = vectors<{
    valid: Written[];
    numbers: Written[];
    refused: (Refused & { bytes: string })[];
  }>("canonical.json");
  const limit = { bytes: limits.payloadBytes, depth: limits.payloadDepth };

  it.each([...valid, ...numbers])("writes and reads $text", ({ value, text }) => {
    expect(canonicalText(value)).toBe(text);
    expect(gateJson(toBytes(text), limit)).toEqual({ ok: true, value });
  });

  it.each(refused)("refuses $why", ({ bytes, code }) => {
    expect(gateJson(unbase64(bytes), limit)).toMatchObject({ ok: false, code });
  });
});

describe("headers_valid.json", () => {
  type Case = { why: string; line: string; bytes: string; leafHash: string; value: Json };
  const { cases } = vectors<{ cases: Case[] }>("headers_valid.json");

  it.each(cases)("takes $why", ({ line, bytes, leafHash, value }) => {
    const parsed = parseHeader(unbase64(bytes));
    if (!parsed.ok) throw new Error(`${parsed.code}: ${parsed.detail}`);
    expect(parsed.value).toEqual(value);
    expect(Buffer.from(encodeHeader(parsed.value)).toString()).toBe(line);
    expect(toB64u(sha256(Buffer.concat([Uint8Array.of(0), unbase64(bytes)])))).toBe(leafHash);
  });
});

describe("headers_invalid.json", () => {
  const { cases } = vectors<{ cases: (Refused & { bytes: string })[] }>("headers_invalid.json");

  it.each(cases)("refuses $why", ({ bytes, code }) => {
    expect(parseHeader(unbase64(bytes))).toMatchObject({ ok: false, code });
  });
});

describe("payload.json", () => {
  type Case = { why?: string; salt: string; body: string; hash: string; size: number };
  const { valid, mismatched, refused } = vectors<{
    valid: Case[];
    mismatched: Case[];
    refused: (Refused & { body: string })[];
  }>("payload.json");
  const commitmentOf = ({ salt, body }: Case) => commitmentTo({ salt: unhex(salt), body: toBytes(body) });

  it.each(valid)("commits to $body", (one) => {
    expect(commitmentOf(one)).toEqual({ hash: one.hash, size: one.size });
    expect(readBody(toBytes(one.body))).toEqual({ ok: true, value: JSON.parse(one.body) });
  });

  it.each(mismatched)("tells $why", (one) => {
    expect(commitmentOf(one)).not.toEqual({ hash: one.hash, size: one.size });
  });

  it.each(refused)("refuses $why", ({ body, code }) => {
    expect(readBody(toBytes(body))).toMatchObject({ ok: false, code });
  });
});

describe("charter.json", () => {
  const { valid, refused } = vectors<{
    valid: { text: string; net: string }[];
    refused: (Refused & { text: string })[];
  }>("charter.json");

  it.each(valid)("names $net", ({ text, net }) => {
    const parsed = parseCharter(toBytes(text));
    if (!parsed.ok) throw new Error(`${parsed.code}: ${parsed.detail}`);
    expect(Buffer.from(encodeCharter(parsed.value)).toString()).toBe(text);
    expect(networkIdOf(toBytes(text))).toBe(net);
  });

  it.each(refused)("refuses $why", ({ text, code }) => {
    expect(parseCharter(toBytes(text))).toMatchObject({ ok: false, code });
  });
});

it.each(vectors<{ valid: { id: string; words: string }[] }>("fingerprint.json").valid)(
  "fingerprint.json: $words",
  ({ id, words }) => {
    expect(fingerprintOf(id)).toBe(words);
  },
);

describe("frames.json", () => {
  const { valid, malformed } = vectors<{
    valid: {
      why: string;
      frame: string;
      net: string;
      log: string;
      from: number;
      to: number;
      headers: string[];
      proof: string[];
      note: string;
    }[];
    malformed: { why: string; bytes: string }[];
  }>("frames.json");

  it.each(valid)("reads and writes $why", ({ frame, net, log, from, to, headers, proof, note }) => {
    const parsed = parseFrame(toBytes(frame));
    if ("malformed" in parsed) throw new Error(parsed.malformed);
    expect({
      ...parsed,
      headers: parsed.headers.map((header) => Buffer.from(header).toString()),
      proof: parsed.proof.map((hash) => Buffer.from(hash).toString("hex")),
    }).toEqual({ net, log, from, to, headers, proof, note });
    expect(Buffer.from(formatFrame(parsed)).toString()).toBe(frame);
  });

  it.each(malformed)("refuses $why", ({ bytes }) => {
    expect(parseFrame(unbase64(bytes))).toHaveProperty("malformed");
  });
});
