/**
 * Writes the vectors of the protocol (not those of tlog, which others published):
 * `node infra/run.mjs test/vectors/generate.ts`. The same bytes every time: keys, salts and times are fixed.
 */
import { writeFileSync } from "node:fs";
import { base64urlVectors, canonicalVectors, multikeyVectors } from "./making/encodings.ts";
import { frameVectors } from "./making/frames.ts";
import { invalidHeaderVectors, validHeaderVectors } from "./making/headers.ts";
import { logVectors } from "./making/network.ts";
import { charterVectors, fingerprintVectors, payloadVectors } from "./making/small.ts";

const contents = {
  "base64url.json": base64urlVectors,
  "canonical.json": canonicalVectors,
  "charter.json": charterVectors,
  "fingerprint.json": fingerprintVectors,
  "frames.json": frameVectors,
  "headers_invalid.json": invalidHeaderVectors,
  "headers_valid.json": validHeaderVectors,
  "log.json": logVectors,
  "multikey.json": multikeyVectors,
  "payload.json": payloadVectors,
};

/** Names of files in this folder, and the text each must have. */
export const generated: readonly (readonly [name: string, text: string])[] = Object.entries(contents).map(
  ([name, content]) => [name, `${JSON.stringify(content, null, 2)}\n`],
);

if (import.meta.main) {
  for (const [name, text] of generated) writeFileSync(new URL(name, import.meta.url), text);
}
