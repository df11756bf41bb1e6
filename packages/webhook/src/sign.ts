/**
 * Signs one attempt to deliver a webhook (Standard Webhooks 1.0.0). What is signed is `id.timestamp.body`, the body as it is
 * sent; so neither the id nor the timestamp may contain a full stop.
 */
import { createHmac, sign as signWith } from "node:crypto";
import { readPrivateKey, readSecret } from "./keys.ts";

export type SigningKeys = {
  /** `whsec_…`, the current one first. During a rotation the earlier one signs as well. At most 4. */
  readonly secrets: readonly string[];
  /** `whsk_…`, likewise. At most 4. */
  readonly privateKeys: readonly string[];
};

export type Attempt = {
  /** The same in every attempt: the receiver's idempotency key. Letters, digits, `-` and `_`, at most 128. */
  readonly id: string;
  /** Unix time of this attempt, in whole seconds. */
  readonly timestampSeconds: number;
  /** The exact bytes that are sent. */
  readonly body: Uint8Array;
};

export type WebhookHeaders = {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  /** `v1` signatures first, then `v1a`, separated by spaces. */
  readonly "webhook-signature": string;
};

/** Signs as often as needed with keys that are read once. */
export interface WebhookSigner {
  /** @throws {RangeError} For an id or a timestamp that cannot be signed. */
  headersFor(attempt: Attempt): WebhookHeaders;
}

const mostKeys = 4;

/** @throws {TypeError} When a key cannot be read. @throws {RangeError} When there are none, or too many. */
export function createSigner({ secrets, privateKeys }: SigningKeys): WebhookSigner {
  const count = secrets.length + privateKeys.length;
  if (count === 0 || secrets.length > mostKeys || privateKeys.length > mostKeys)
    throw new RangeError(`a webhook is signed with 1 to ${mostKeys} secrets or keys of each kind`);
  const hmacKeys = secrets.map(readSecret);
  const keys = privateKeys.map(readPrivateKey);
  return {
    headersFor: ({ id, timestampSeconds, body }) => {
      if (!/^[A-Za-z0-9_-]{1,128}$/.test(id))
        throw new RangeError("a webhook id is 1 to 128 of A-Z a-z 0-9 _ -");
      if (!Number.isSafeInteger(timestampSeconds) || timestampSeconds < 0)
        throw new RangeError("a webhook timestamp is a whole number of seconds");
      const content = signedContent(id, String(timestampSeconds), body);
      const signatures = [
        ...hmacKeys.map((key) => `v1,${createHmac("sha256", key).update(content).digest("base64")}`),
        ...keys.map((key) => `v1a,${signWith(null, content, key).toString("base64")}`),
      ];
      return {
        "webhook-id": id,
        "webhook-timestamp": String(timestampSeconds),
        "webhook-signature": signatures.join(" "),
      };
    },
  };
}

/** `id.timestamp.body`, as bytes. */
export const signedContent = (id: string, timestamp: string, body: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
