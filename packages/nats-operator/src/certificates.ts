/**
 * TLS for links: a certificate authority of the partner's own, and a server certificate below it.
 *
 * NATS login does not authenticate the server, so every link is TLS and the dialer pins this authority,
 * which came with the invitation. No public authority is asked: it would have to know our names.
 */
// The certificate library's container needs Reflect's metadata functions before it is loaded.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** A certificate and its key, both PEM. The key is secret: file mode 0600. */
export type CertifiedKey = {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly expiresAtMs: number;
};

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 24 * 3_600_000;

/** The authority outlives every server certificate and is replaced by hand. */
export const authorityValidMs = 3_650 * dayMs;
export const serverValidMs = 365 * dayMs;

/** A peer's clock may be behind ours. */
const skewMs = dayMs;

/** Makes the partner's own certificate authority: ECDSA P-256, 10 years, may sign server certificates only. */
export async function createAuthority(name: string, nowMs: number): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: commonName(`${name} Handfast CA`),
      notBefore: new Date(nowMs - skewMs),
      notAfter: new Date(nowMs + authorityValidMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto as Crypto,
  );
  return certifiedKey(certificate, keys.privateKey);
}

/**
 * Makes a server certificate: one year, for `localhost`, 127.0.0.1, ::1 and the names given.
 *
 * `localhost` is not only for this machine: the NATS client asks for that name when it dials an IP address.
 *
 * @param names DNS names and IP addresses partners dial.
 */
export async function createServerCertificate(
  authority: CertifiedKey,
  names: readonly string[],
  nowMs: number,
): Promise<CertifiedKey> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const all = [...new Set(["localhost", "127.0.0.1", "::1", ...names])];
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: commonName("Handfast nats-server"),
      issuer: issuer.subjectName,
      notBefore: new Date(nowMs - skewMs),
      notAfter: new Date(Math.min(nowMs + serverValidMs, authority.expiresAtMs)),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: await readSigningKey(authority.keyPem),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          all.map((name) => ({ type: isIP(name) === 0 ? ("dns" as const) : ("ip" as const), value: name })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto as Crypto),
      ],
    },
    webcrypto as Crypto,
  );
  return certifiedKey(certificate, keys.privateKey);
}

/** Reads a certificate and key back from their files. */
export function parseCertifiedKey(certificatePem: string, keyPem: string): CertifiedKey {
  return { certificatePem, keyPem, expiresAtMs: new x509.X509Certificate(certificatePem).notAfter.getTime() };
}

/** Positive, unguessable, 16 bytes (RFC 5280 section 4.1.2.2 allows 20). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

/** In the library's JSON form, so that no character of a name can be read as structure. */
function commonName(name: string): x509.JsonName {
  return [{ CN: [name] }];
}

async function certifiedKey(
  certificate: x509.X509Certificate,
  key: webcrypto.CryptoKey,
): Promise<CertifiedKey> {
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", key);
  return {
    certificatePem: certificate.toString("pem"),
    keyPem: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
    expiresAtMs: certificate.notAfter.getTime(),
  };
}

function readSigningKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const pkcs8 = x509.PemConverter.decodeFirst(keyPem);
  return webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
}
