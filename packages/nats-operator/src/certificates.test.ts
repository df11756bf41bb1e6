import { X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { createAuthority, createServerCertificate, parseCertifiedKey } from "./certificates.ts";

const nowMs = Date.parse("2026-11-24T00:00:00Z");
const dayMs = 86_400_000;

it("a server certificate leads to its authority, for localhost, loopback and the names given", async () => {
  const authority = await createAuthority("Orchard, e.V.+CN=x", nowMs);
  const server = await createServerCertificate(authority, ["nats.orchard.example", "192.0.2.7"], nowMs);
  const [ca, leaf] = [
    new X509Certificate(authority.certificatePem),
    new X509Certificate(server.certificatePem),
  ];
  expect(leaf.verify(ca.publicKey)).toBe(true);
  expect(leaf.checkIssued(ca)).toBe(true);
  expect([ca.ca, leaf.ca]).toEqual([true, false]);
  for (const name of ["localhost", "nats.orchard.example"]) expect(leaf.checkHost(name), name).toBe(name);
  for (const ip of ["127.0.0.1", "::1", "192.0.2.7"]) expect(leaf.checkIP(ip), ip).toBe(ip);
  expect(leaf.checkHost("millrace.example")).toBeUndefined();
  expect(leaf.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  expect(ca.subject).toContain("Orchard");
});

it("an authority lasts ten years, a server certificate one, and none beyond its authority", async () => {
  const authority = await createAuthority("orchard", nowMs);
  const server = await createServerCertificate(authority, [], nowMs);
  expect((authority.expiresAtMs - nowMs) / dayMs).toBe(3_650);
  expect((server.expiresAtMs - nowMs) / dayMs).toBe(365);
  const late = await createServerCertificate(authority, [], nowMs + 3_600 * dayMs);
  expect(late.expiresAtMs).toBe(authority.expiresAtMs);
});

it("reads back what was written", async () => {
  const authority = await createAuthority("orchard", nowMs);
  const read = parseCertifiedKey(authority.certificatePem, authority.keyPem);
  expect(read).toEqual(authority);
  await expect(createServerCertificate(read, ["x.example"], nowMs)).resolves.toBeDefined();
});

it("another authority's certificate does not verify", async () => {
  const [one, two] = [await createAuthority("orchard", nowMs), await createAuthority("orchard", nowMs)];
  const server = await createServerCertificate(one, [], nowMs);
  const stranger = new X509Certificate(two.certificatePem);
  expect(new X509Certificate(server.certificatePem).verify(stranger.publicKey)).toBe(false);
});
