/** Goal: hashes, keys and notes agree with what others published (the vectors of this repository). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isSignedBy, openKey, whyNotKey } from "./ed25519.ts";
import { decodeMultikey } from "./multikey.ts";
import { keyIdOf, parseCheckpoint } from "./note.ts";
import { createTree } from "./tree.ts";

function vectors<Vectors>(name: string): Vectors {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, "../../../test/vectors", name), "utf8"),
  ) as Vectors;
}
const hex = (text: string) => Buffer.from(text, "hex");

type Signed = { publicKey: string; message: string; signature: string };

describe("the Ed25519 rule", () => {
  it("refuses every case of ed25519-speccheck", () => {
    const { cases } = vectors<{ cases: (Signed & { refusedAt: "key" | "signature" })[] }>(
      "ed25519-speccheck.json",
    );
    expect(cases.length).toBeGreaterThanOrEqual(10);
    for (const { publicKey, message, signature, refusedAt } of cases) {
      const why = whyNotKey(hex(publicKey));
      expect(why !== undefined, publicKey).toBe(refusedAt === "key");
      if (why === undefined)
        expect(isSignedBy(openKey(hex(publicKey)), hex(message), hex(signature))).toBe(false);
    }
  });

  it("takes the signatures of RFC 8032, and none with a bit changed", () => {
    const { cases } = vectors<{ cases: Signed[] }>("ed25519-rfc8032.json");
    for (const { publicKey, message, signature } of cases) {
      expect(whyNotKey(hex(publicKey))).toBeUndefined();
      const key = openKey(hex(publicKey));
      expect(isSignedBy(key, hex(message), hex(signature))).toBe(true);
      for (let bit = 0; bit < 512; bit += 37) {
        const touched = hex(signature);
        touched[bit >> 3] = (touched[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(isSignedBy(key, hex(message), touched)).toBe(false);
      }
    }
  });

  it("refuses keys of another length, off the curve, or not canonical", () => {
    expect(whyNotKey(Buffer.alloc(31))).toMatch("32 bytes");
    expect(whyNotKey(Buffer.from(`02${"00".repeat(31)}`, "hex"))).toMatch("curve");
    expect(whyNotKey(Buffer.from(`01${"00".repeat(31)}`, "hex"))).toMatch("identity");
    expect(whyNotKey(Buffer.from(`01${"00".repeat(30)}80`, "hex"))).toMatch("canonical");
    expect(whyNotKey(Buffer.from(`ee${"ff".repeat(30)}7f`, "hex"))).toMatch("canonical");
  });
});

describe("the tree", () => {
  it("has the roots of RFC 6962 at every size", () => {
    const { leafHashes, roots } = vectors<{ leafHashes: string[]; roots: string[] }>("rfc6962.json");
    const tree = createTree();
    for (const [size, root] of roots.entries()) {
      if (size > 0) tree.add(hex(leafHashes[size - 1] as string), 0);
      expect(tree.root().toString("hex")).toBe(root);
    }
  });
});

describe("a checkpoint", () => {
  type File = {
    origin: string;
    verifierKeys: string[];
    valid: { note: string; size: number; root: string }[];
    refused: { note: string; why: string }[];
  };
  const { origin, verifierKeys, valid, refused } = vectors<File>("checkpoint.json");
  const key = Buffer.from((verifierKeys[0] as string).split("+").slice(2).join("+"), "base64").subarray(1);

  /** Whether the note is a checkpoint of `origin` signed by its log key. */
  function isGood(note: string): boolean {
    const checkpoint = parseCheckpoint(note);
    if (typeof checkpoint === "string" || checkpoint.origin !== origin) return false;
    const own = checkpoint.signatures.filter(
      ({ name, keyId }) => name === origin && keyId === keyIdOf(origin, key),
    );
    return (
      own.length > 0 && own.every(({ signature }) => isSignedBy(openKey(key), checkpoint.message, signature))
    );
  }

  it("is read when it is one, whatever other cosignatures it bears", () => {
    for (const { note, size } of valid) {
      expect(isGood(note)).toBe(true);
      expect(parseCheckpoint(note)).toMatchObject({ size, origin });
    }
  });

  it.each(refused.filter(({ why }) => !why.includes("time changed")))("is refused: $why", ({ note }) => {
    expect(isGood(note)).toBe(false);
  });

  it("of a note that does not parse is none", () => {
    const { malformed } = vectors<{ malformed: { note: string }[] }>("signed-note.json");
    for (const { note } of malformed) expect(typeof parseCheckpoint(note)).toBe("string");
  });
});

describe("a multikey", () => {
  it("gives the key back, and nothing for what is not an Ed25519 key", () => {
    const key = decodeMultikey("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK");
    expect(key?.length).toBe(32);
    expect(decodeMultikey("z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc")).toBeUndefined();
    expect(decodeMultikey("")).toBeUndefined();
  });
});
