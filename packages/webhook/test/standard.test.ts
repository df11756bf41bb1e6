// Goal: receivers that use the specification's own library need nothing of ours. Method: what we sign it verifies, and the
// other way round.
import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { createSecret } from "../src/keys.ts";
import { createSigner } from "../src/sign.ts";
import { createVerifier } from "../src/verify.ts";

const body = '{"type":"commitment.accepted","data":{"title":"Zwölf Bänke — 12 🪑"}}';
const nowMs = Date.now();
const timestampSeconds = Math.floor(nowMs / 1_000);

it("is verified by the specification's library, also during a rotation", () => {
  const [earlier, current] = [createSecret(), createSecret()];
  const signer = createSigner({ secrets: [current, earlier], privateKeys: [] });
  const headers = signer.headersFor({ id: "msg_1", timestampSeconds, body: Buffer.from(body) });
  for (const secret of [earlier, current])
    expect(new Webhook(secret).verify(body, { ...headers })).toEqual(JSON.parse(body));
  expect(() => new Webhook(createSecret()).verify(body, { ...headers })).toThrow();
});

it("verifies what the specification's library signs", () => {
  const secret = createSecret();
  const headers = {
    "webhook-id": "msg_2",
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": new Webhook(secret).sign("msg_2", new Date(timestampSeconds * 1_000), body),
  };
  expect(createVerifier({ secrets: [secret] }).verify(headers, Buffer.from(body), { nowMs })).toEqual({
    ok: true,
    id: "msg_2",
    timestampSeconds,
    signedBy: "v1",
  });
});
