import { createHomeCredentials } from "@handfast/nats-operator/credentials";
import { createOperator } from "@handfast/nats-operator/identity";
import { type Authenticator, jwtAuthenticator } from "nats";
import { expect, it } from "vitest";
import { loginWith } from "./login.ts";

const signatureOf = (login: Authenticator, nonce: string) => login(nonce) as { jwt: string; sig: string };

it("signs what the server asks as the client's own authenticator does", async () => {
  const credentials = await createHomeCredentials(createOperator("orchard"), "home");
  const theirs = jwtAuthenticator(credentials.jwt, new TextEncoder().encode(credentials.seed));
  for (const nonce of ["PXoWU7zWAMt75FY", "x".repeat(400)]) {
    const { jwt, sig } = signatureOf(theirs, nonce);
    const toStandardBase64 = sig.replaceAll("-", "+").replaceAll("_", "/");
    expect(signatureOf(loginWith(credentials), nonce)).toEqual({ jwt, sig: toStandardBase64 });
  }
});

it.each(["", "SUAB", `SUA0${"A".repeat(54)}`])("refuses the seed %j without showing it", (seed) => {
  expect(() => loginWith({ jwt: "", seed })).toThrow(/nkey seed/);
});
