/**
 * Verifies a webhook at the receiver (Standard Webhooks 1.0.0): by the shared secret (`v1`), by the sender's public key
 * (`v1a`), or by either. Give it the body's bytes as they came; parsed and written again they have other bytes.
 */
import { createHmac, timingSafeEqual, verify as verifyWith } from "node:crypto";
import { readPublicKey, readSecret } from "./keys.ts";
import { signedContent } from "./sign.ts";

export type VerifyingKeys = {
  /** `whsec_…`; several during a rotation. */
  readonly secrets?: readonly string[];
  /** `whpk_…`; several during a rotation. */
  readonly publicKeys?: readonly string[];
};

export type VerifyOptions = {
  /** How far the sender's clock may be off, either way. Default 300 s. */
  readonly toleranceSeconds?: number;
  /** Milliseconds since 1970. Default: this machine's clock. */
  readonly nowMs?: number;
};

export type WebhookRefusal =
  /** A header is missing, there twice, or not of its form. */
  | "headers-malformed"
  /** Sent too long ago, or in the future: a replay, or a clock that is wrong. */
  | "timestamp-out-of-range"
  /** None of the signatures is by one of the keys over exactly this body. */
  | "no-valid-signature";

export type VerifiedWebhook = {
  /** The same in every attempt of one delivery: remember it to ignore repetitions. */
  readonly id: string;
  readonly timestampSeconds: number;
  readonly signedBy: "v1" | "v1a";
};

export interface WebhookVerifier {
  /** @param headers By lower-case name, as `node:http` and `fetch` give them. */
  verify(
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    body: Uint8Array,
    options?: VerifyOptions,
  ): ({ readonly ok: true } & VerifiedWebhook) | { readonly ok: false; readonly reason: WebhookRefusal };
}

const defaultToleranceSeconds = 300;
/** A sender rotates one key at a time; more signatures than this are not looked at. */
const mostSignatures = 16;

/** @throws {TypeError} When a key cannot be read. @throws {RangeError} When there is none: it would believe nobody. */
export function createVerifier({ secrets = [], publicKeys = [] }: VerifyingKeys): WebhookVerifier {
  if (secrets.length + publicKeys.length === 0)
    throw new RangeError("a verifier needs a secret or a public key");
  const hmacKeys = secrets.map(readSecret);
  const keys = publicKeys.map(readPublicKey);

  const isSigned = (content: Uint8Array, version: string, signature: Buffer): boolean => {
    if (version === "v1a") return keys.some((key) => verifyWith(null, content, key, signature));
    if (version !== "v1") return false;
    return hmacKeys.some((key) => {
      const expected = createHmac("sha256", key).update(content).digest();
      return expected.length === signature.length && timingSafeEqual(expected, signature);
    });
  };

  return {
    verify: (headers, body, { toleranceSeconds = defaultToleranceSeconds, nowMs = Date.now() } = {}) => {
      const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(
        (name) => single(headers[name]),
      );
      if (id === undefined || id === "" || signatures === undefined || !/^\d{1,15}$/.test(timestamp ?? ""))
        return { ok: false, reason: "headers-malformed" };
      const timestampSeconds = Number(timestamp);
      if (Math.abs(nowMs / 1_000 - timestampSeconds) > toleranceSeconds)
        return { ok: false, reason: "timestamp-out-of-range" };
      const content = signedContent(id, timestamp ?? "", body);
      for (const entry of signatures.split(" ").slice(0, mostSignatures)) {
        const [version = "", encoded = ""] = entry.split(",");
        const signature = Buffer.from(encoded, "base64");
        if (!isSigned(content, version, signature)) continue;
        return { ok: true, id, timestampSeconds, signedBy: version === "v1" ? "v1" : "v1a" };
      }
      return { ok: false, reason: "no-valid-signature" };
    },
  };
}

const single = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "string" ? value : value?.length === 1 ? value[0] : undefined;
