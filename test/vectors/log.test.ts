// Goal: the small network of log.json is read, hashed, verified and signed again by our packages together, byte for byte;
// and what its entries name is there, so that it can be given to a node, or to an auditor, as it stands.
import { readFileSync } from "node:fs";
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { networkIdOf, parseCharter } from "@handfast/protocol/charter";
import { readEvent } from "@handfast/protocol/events";
import { compareAt, encodeHeader, type Header, parseHeader } from "@handfast/protocol/header";
import { hashOf, splitRef, toMultikey } from "@handfast/protocol/ids";
import { commitmentTo, readBody } from "@handfast/protocol/payload";
import { openCheckpoint, signCheckpoint } from "@handfast/tlog/checkpoint";
import { readerOf, rootAt } from "@handfast/tlog/hash-reader";
import { formatNote } from "@handfast/tlog/note";
import { noteKey } from "@handfast/tlog/note-keys";
import { type KeyPair, signerFrom } from "@handfast/tlog/signer";
import { leafHash } from "@handfast/tlog/tree";
import { describe, expect, it } from "vitest";

type Partner = { name: string; id: string; logKey: string; witness: string } & Record<
  "rootSeed" | "logKeySeed" | "witnessSeed" | "nextRootSeed",
  string
>;
type Entry = { line: string; leafHash: string; payload: { salt: string; body: string } | null };
type Log = {
  by: string;
  log: string;
  origin: string;
  entries: Entry[];
  roots: string[];
  checkpoints: { size: number; isControl: boolean; signedBy: string[]; note: string }[];
};
const file = JSON.parse(readFileSync(new URL("log.json", import.meta.url), "utf8")) as {
  charter: string;
  net: string;
  partners: Partner[];
  logs: Log[];
};
const unhex = (text: string) => Buffer.from(text, "hex");
const multikeyOf = (pair: KeyPair) => toMultikey(pair.publicKey.bytes);

function headerOf({ line }: Entry): Header {
  const parsed = parseHeader(toBytes(line));
  if (!parsed.ok) throw new Error(`${parsed.code}: ${parsed.detail}`);
  return parsed.value;
}

describe("log.json", () => {
  it("has the network and the keys it says", () => {
    expect(parseCharter(toBytes(file.charter))).toMatchObject({ ok: true });
    expect(networkIdOf(toBytes(file.charter))).toBe(file.net);
    for (const { id, logKey, witness, rootSeed, logKeySeed, witnessSeed } of file.partners) {
      const seeds = [rootSeed, logKeySeed, witnessSeed];
      expect(seeds.map((seed) => multikeyOf(signerFrom(unhex(seed))))).toEqual([id, logKey, witness]);
    }
  });

  it("names in its entries what is there, with its hash, and earlier", () => {
    const held = new Map(file.logs.map(({ log, entries }) => [log, entries]));
    for (const header of file.logs.flatMap(({ entries }) => entries.map(headerOf))) {
      for (const parent of header.parents) {
        const { log, seq } = splitRef(parent);
        const named = held.get(log)?.[seq];
        expect(named?.leafHash).toBe(hashOf(parent));
        expect(compareAt(headerOf(named as Entry).at, header.at)).toBeLessThan(0);
      }
      const read = readEvent(header);
      expect(read.ok || read.reason, header.type).toBe(header.type.startsWith("org.") ? "opaque" : true);
    }
  });
});

describe.each(file.logs)("log.json: the log $log", ({ by, log, origin, entries, roots, checkpoints }) => {
  it("holds entries in their places, each with its leaf hash", () => {
    expect(origin).toBe(`handfast/v1/${file.net}/${by}/${log}`);
    entries.forEach((entry, seq) => {
      const header = headerOf(entry);
      expect(header).toMatchObject({ net: file.net, by, log, seq });
      expect(Buffer.from(encodeHeader(header)).toString()).toBe(entry.line);
      expect(toB64u(leafHash(toBytes(entry.line)))).toBe(entry.leafHash);
    });
  });

  it("has payloads that hash to their headers", () => {
    for (const entry of entries) {
      const body = entry.payload && toBytes(entry.payload.body);
      const committed = entry.payload && body && commitmentTo({ salt: unhex(entry.payload.salt), body });
      expect(committed).toEqual(headerOf(entry).payload);
      if (body) expect(readBody(body).ok).toBe(true);
    }
  });

  it("has a root at every size", () => {
    const read = readerOf(entries.map(({ line }) => leafHash(toBytes(line))));
    expect(roots.map((_, size) => Buffer.from(rootAt(read, size)).toString("hex"))).toEqual(roots);
    expect(roots).toHaveLength(entries.length + 1);
  });

  it.each(checkpoints)("has a checkpoint at $size that can be verified and signed again", (checkpoint) => {
    const { size, isControl, signedBy, note } = checkpoint;
    const owner = file.partners.find(({ id }) => id === by) as Partner;
    const pairs = [owner.rootSeed, owner.logKeySeed].map((seed) => signerFrom(unhex(seed)));
    const opened = openCheckpoint(
      note,
      origin,
      pairs.map((pair) => noteKey(origin, pair.publicKey)),
    );
    if (!opened.ok) throw new Error(opened.reason);
    expect(opened.checkpoint.size).toBe(size);
    expect(Buffer.from(opened.checkpoint.root).toString("hex")).toBe(roots[size]);
    expect(opened.signedBy.map(({ key }) => toMultikey(key.key.bytes))).toEqual(signedBy);
    // The key in force before a control entry is the root; beyond one it is the log key.
    expect(signedBy).toContain(isControl ? owner.id : owner.logKey);

    const signers = pairs.filter((pair) => signedBy.includes(multikeyOf(pair)));
    const [first, ...others] = signers as [KeyPair, ...KeyPair[]];
    const head = { origin, size, root: opened.checkpoint.root };
    expect(formatNote(signCheckpoint(head, first, ...others))).toBe(note);
  });
});
