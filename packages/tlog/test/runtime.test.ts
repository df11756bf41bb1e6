// Goal: a browser believes the same notes as Node. Method: what differs between the two, held against each other.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admitKey } from "../src/ed25519.ts";
import * as node from "../src/runtime/node.ts";
import * as web from "../src/runtime/web.ts";
import { signerFrom } from "../src/signer.ts";

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });

it("hashes, reads and writes alike", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 12 }), (bytes, text) => {
      expect([...node.sha256(bytes)]).toEqual([...web.sha256(bytes)]);
      const written = node.toBase64(bytes);
      expect(web.toBase64(bytes)).toBe(written);
      expect([...(web.fromBase64(written) ?? [])]).toEqual([...(node.fromBase64(written) ?? [])]);
      expect(web.fromBase64(text) === null).toBe(node.fromBase64(text) === null);
    }),
  );
});

describe("the equation of Ed25519", () => {
  it("holds for the same signatures", () => {
    fc.assert(
      fc.property(
        seed,
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(63),
        fc.nat(255),
        (secret, message, at, byte) => {
          const signer = signerFrom(secret);
          const { bytes } = signer.publicKey;
          const signature = signer.sign(message);
          expect(web.equationHolds(web.parseKey(bytes), message, signature)).toBe(true);
          const changed = Uint8Array.from(signature);
          changed[at] = byte;
          expect(web.equationHolds(web.parseKey(bytes), message, changed)).toBe(
            node.equationHolds(node.parseKey(bytes), message, changed),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is asked of admitted keys only", () => {
    const notOnCurve = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 2 : 0));
    expect(admitKey(notOnCurve)).toMatchObject({ ok: false });
    expect(() => web.parseKey(notOnCurve)).toThrow(TypeError);
  });
});
