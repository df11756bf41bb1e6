// Goal: the Handfast-Ed25519 rule is what the protocol says, on any bytes. @noble/ed25519, which shares no
// code with ours or with OpenSSL, is the oracle for points; it also makes the odd keys and signatures that
// an honest signer never would: points with a small component, and signatures only a cofactored check takes.
import { createHash } from "node:crypto";
import { etc, hashes, verify as nobleVerify, Point, utils } from "@noble/ed25519";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admitKey, checkSignature, verify } from "../src/ed25519.ts";
import { generateKey, publicKeyBytes, signerFrom } from "../src/signer.ts";

hashes.sha512 = (message) => Uint8Array.from(createHash("sha512").update(message).digest());

const { p, n: order } = Point.CURVE();
const orderEight = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
/** The eight points of small order; the first is the identity. */
const small = Array.from({ length: 8 }, (_none, i) =>
  i === 0 ? Point.ZERO : orderEight.multiplyUnsafe(BigInt(i)),
);

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const message = fc.uint8Array({ maxLength: 80 });
const torsion = fc.integer({ min: 1, max: 7 }).map((i) => small[i] ?? Point.ZERO);

const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const bytes32 = (value: bigint): Uint8Array =>
  Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();

function nobleAdmits(bytes: Uint8Array): boolean {
  try {
    const point = Point.fromBytes(Uint8Array.from(bytes));
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    // noble throws for bytes that are not a point.
    return false;
  }
}

describe("a key", () => {
  it("is taken or refused as noble says, whatever its bytes", () => {
    const onCurve = seed.map((s) => publicKeyBytes(signerFrom(s)));
    fc.assert(
      fc.property(fc.oneof(seed, onCurve), (bytes) => {
        expect(admitKey(bytes).ok).toBe(nobleAdmits(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it("is refused with a small component, and without any other", () => {
    fc.assert(
      fc.property(seed, torsion, (s, component) => {
        const mixed = utils.getExtendedPublicKey(s).point.add(component).toBytes();
        expect(admitKey(mixed)).toEqual({ ok: false, reason: "not-prime-order" });
      }),
      { numRuns: 50 },
    );
    expect(
      small.map((point) => admitKey(point.toBytes())).map((answer) => (answer.ok ? "" : answer.reason)),
    ).toEqual(["identity", ...Array.from({ length: 7 }, () => "not-prime-order")]);
  });

  it("has one encoding", () => {
    for (let y = 0n; y < 19n; y += 1n) {
      for (const sign of [0n, 2n ** 255n]) {
        expect(admitKey(bytes32(p + y + sign))).toEqual({ ok: false, reason: "not-canonical" });
      }
    }
    expect(admitKey(bytes32(1n + 2n ** 255n))).toEqual({ ok: false, reason: "not-canonical" });
    expect(admitKey(bytes32(p - 1n + 2n ** 255n))).toEqual({ ok: false, reason: "not-canonical" });
    expect(admitKey(bytes32(2n))).toEqual({ ok: false, reason: "not-on-curve" });
  });

  it.each([0, 31, 33, 64])("is refused with %d bytes", (length) => {
    expect(admitKey(new Uint8Array(length))).toEqual({ ok: false, reason: "not-32-bytes" });
  });

  it("is a copy: who changes the bytes afterwards changes nothing", () => {
    const bytes = Uint8Array.from(publicKeyBytes(generateKey()));
    const admitted = admitKey(bytes);
    const before = Buffer.from(bytes).toString("hex");
    bytes.fill(0);
    expect(admitted.ok && Buffer.from(admitted.key.bytes).toString("hex")).toBe(before);
  });
});

describe("a signature", () => {
  it("by a key of ours holds here and for noble, and with any bit flipped for neither", () => {
    fc.assert(
      fc.property(seed, message, fc.nat({ max: 511 }), (s, text, bit) => {
        const signer = signerFrom(s);
        const signature = signer.sign(text);
        const raw = Uint8Array.from(publicKeyBytes(signer));
        expect(verify(signer.publicKey, text, signature)).toBe(true);
        expect(nobleVerify(Uint8Array.from(signature), text, raw, { zip215: false })).toBe(true);
        const flipped = Uint8Array.from(signature);
        flipped[Math.floor(bit / 8)] = (flipped[Math.floor(bit / 8)] ?? 0) ^ (2 ** (bit % 8));
        expect(verify(signer.publicKey, text, flipped)).toBe(false);
        expect(verify(signer.publicKey, Buffer.concat([text, Buffer.of(0)]), signature)).toBe(false);
        expect(verify(generateKey().publicKey, text, signature)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it("has one S: S + L is refused", () => {
    fc.assert(
      fc.property(seed, message, (s, text) => {
        const signer = signerFrom(s);
        const signature = signer.sign(text);
        const doubled = Buffer.concat([
          signature.subarray(0, 32),
          bytes32(number(signature.subarray(32)) + order),
        ]);
        expect(checkSignature(signer.publicKey, text, doubled)).toEqual({
          ok: false,
          reason: "s-not-below-order",
        });
      }),
      { numRuns: 50 },
    );
    const justL = Buffer.concat([new Uint8Array(32).fill(2), bytes32(order)]);
    expect(checkSignature(generateKey().publicKey, justL, justL)).toMatchObject({
      reason: "s-not-below-order",
    });
  });

  it("has an R of one encoding and not of small order", () => {
    const { publicKey } = generateKey();
    const withR = (r: Uint8Array) => checkSignature(publicKey, r, Buffer.concat([r, bytes32(1n)]));
    for (const point of small) {
      const r = point.toBytes();
      expect(withR(r)).toEqual({ ok: false, reason: "r-small-order" });
      r[31] = (r[31] ?? 0) ^ 0x80;
      expect(withR(r)).toEqual({ ok: false, reason: "r-small-order" });
    }
    for (let y = 0n; y < 19n; y += 1n)
      expect(withR(bytes32(p + y))).toEqual({ ok: false, reason: "r-not-canonical" });
    expect(withR(bytes32(p - 2n))).toEqual({ ok: false, reason: "equation" });
  });

  it("answers to the equation without the cofactor", () => {
    fc.assert(
      fc.property(seed, message, torsion, (s, text, component) => {
        const { scalar, point } = utils.getExtendedPublicKey(s);
        const nonce = 12_345n;
        const r = Point.BASE.multiply(nonce).add(component).toBytes();
        const a = point.toBytes();
        const k = etc.mod(number(createHash("sha512").update(r).update(a).update(text).digest()), order);
        const signature = Uint8Array.from(Buffer.concat([r, bytes32(etc.mod(nonce + k * scalar, order))]));
        expect(nobleVerify(signature, text, a, { zip215: false })).toBe(true);
        expect(checkSignature(signerFrom(s).publicKey, text, signature)).toEqual({
          ok: false,
          reason: "equation",
        });
      }),
      { numRuns: 50 },
    );
  });

  it("of any length and content is answered, never thrown at", () => {
    const { publicKey } = generateKey();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), message, (signature, text) => {
        const answer = checkSignature(publicKey, text, signature);
        expect(answer.ok).toBe(false);
        if (signature.length !== 64) expect(answer).toEqual({ ok: false, reason: "not-64-bytes" });
      }),
    );
  });
});

describe("a private key", () => {
  it("comes back from its own PEM and DER", () => {
    const pair = generateKey();
    const der = Buffer.from(pair.exportPem().replace(/-----.*-----/g, ""), "base64");
    for (const copy of [signerFrom(pair.exportPem()), signerFrom(der)]) {
      expect(publicKeyBytes(copy)).toEqual(publicKeyBytes(pair));
    }
  });

  it("that is none is refused without being shown", () => {
    expect(() => signerFrom("secret")).toThrow(/^could not read an Ed25519 private key: expected/);
    expect(() => signerFrom(new Uint8Array(31))).toThrow(TypeError);
  });
});
