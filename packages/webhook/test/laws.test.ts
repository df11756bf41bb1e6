// Goal: nobody but the sender can make what a receiver believes, and nothing in it can be changed. Method: signed attempts
// with any part altered.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyPair, createSecret, fromJwk, readPublicKey, readSecret, toJwk } from "../src/keys.ts";
import { createSigner } from "../src/sign.ts";
import { createVerifier } from "../src/verify.ts";

const secret = createSecret();
const pair = createKeyPair();
const signer = createSigner({ secrets: [secret], privateKeys: [pair.privateKey] });
const verifiers = {
  v1: createVerifier({ secrets: [secret] }),
  v1a: createVerifier({ publicKeys: [pair.publicKey] }),
};
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
const attempt = fc.record({
  id,
  timestampSeconds: fc.integer({ min: 0, max: 4_000_000_000 }),
  body: fc.uint8Array({ maxLength: 200 }),
});

describe.each(["v1", "v1a"] as const)("a webhook signed with %s", (version) => {
  const verifier = verifiers[version];

  it("is believed as it was sent, by the body's bytes", () => {
    fc.assert(
      fc.property(attempt, ({ id, timestampSeconds, body }) => {
        const headers = signer.headersFor({ id, timestampSeconds, body });
        const nowMs = timestampSeconds * 1_000;
        expect(verifier.verify(headers, body, { nowMs })).toEqual({
          ok: true,
          id,
          timestampSeconds,
          signedBy: version,
        });
      }),
    );
  });

  it("is not believed with another body, id or time", () => {
    fc.assert(
      fc.property(attempt, fc.uint8Array({ maxLength: 40 }), id, fc.nat(200), (sent, more, other, later) => {
        const headers = signer.headersFor(sent);
        const nowMs = sent.timestampSeconds * 1_000;
        const refused = { ok: false, reason: "no-valid-signature" };
        const longer = Buffer.concat([sent.body, more, Buffer.of(0)]);
        expect(verifier.verify(headers, longer, { nowMs })).toEqual(refused);
        if (other !== sent.id)
          expect(verifier.verify({ ...headers, "webhook-id": other }, sent.body, { nowMs })).toEqual(refused);
        const moved = { ...headers, "webhook-timestamp": String(sent.timestampSeconds + later + 1) };
        expect(verifier.verify(moved, sent.body, { nowMs })).toEqual(refused);
      }),
    );
  });

  it("is not believed from another sender, nor too late or too early", () => {
    const sent = { id: "msg_1", timestampSeconds: 1_000_000, body: Buffer.from("{}") };
    const stranger = createSigner({
      secrets: [createSecret()],
      privateKeys: [createKeyPair().privateKey],
    }).headersFor(sent);
    expect(verifier.verify(stranger, sent.body, { nowMs: 1e9 })).toMatchObject({
      reason: "no-valid-signature",
    });
    const headers = signer.headersFor(sent);
    for (const seconds of [-301, 301]) {
      const nowMs = (sent.timestampSeconds + seconds) * 1_000;
      expect(verifier.verify(headers, sent.body, { nowMs })).toMatchObject({
        reason: "timestamp-out-of-range",
      });
    }
  });

  it.each<[string, Record<string, string | string[] | undefined>]>([
    ["no id", { "webhook-id": undefined }],
    ["an empty id", { "webhook-id": "" }],
    ["two ids", { "webhook-id": ["a", "b"] }],
    ["a timestamp that is not a number", { "webhook-timestamp": "1e6" }],
    ["no signature", { "webhook-signature": undefined }],
  ])("is refused with %s", (_what, changed) => {
    const headers = signer.headersFor({ id: "a", timestampSeconds: 1_000, body: Buffer.from("") });
    const answer = verifier.verify({ ...headers, ...changed }, Buffer.from(""), { nowMs: 1e6 });
    expect(answer).toEqual({ ok: false, reason: "headers-malformed" });
  });
});

describe("keys", () => {
  it("go through a JWKS and back", () => {
    const jwk = toJwk(pair.publicKey);
    expect(fromJwk(jwk)).toBe(pair.publicKey);
    expect(readPublicKey(pair.publicKey).export({ format: "jwk" })).toMatchObject({ x: jwk.x });
    for (const other of [{}, { ...jwk, kty: "EC" }, { ...jwk, x: "AAAA" }, { ...jwk, x: `${jwk.x}=` }])
      expect(fromJwk(other)).toBeNull();
  });

  it.each(["", "whsec_", "whsec_AAAA", secret.slice(6), `${secret}=`, `whsec_${"A".repeat(88)}`])(
    "are refused, and not repeated, when they are not of their form: %j",
    (text) => {
      expect(() => readSecret(text)).toThrow(/^a webhook secret is/);
    },
  );

  it("are needed to sign and to verify", () => {
    expect(() => createSigner({ secrets: [], privateKeys: [] })).toThrow(RangeError);
    expect(() => createVerifier({})).toThrow(RangeError);
    expect(() => signer.headersFor({ id: "a.b", timestampSeconds: 1, body: Buffer.from("") })).toThrow(
      RangeError,
    );
  });
});
