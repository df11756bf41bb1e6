/** What runs in the browser: the vectors for other languages, read by the packages that a web console is built on. */

import { verbs } from "@handfast/api/verbs";
import { collections } from "@handfast/api/views/answers";
import { fromB64u, sha256, toB64u } from "@handfast/protocol/bytes";
import { canonicalText, gateJson } from "@handfast/protocol/canonical";
import { networkIdOf, parseCharter } from "@handfast/protocol/charter";
import { eventsDocument, formatDocument } from "@handfast/protocol/document";
import { fingerprintOf } from "@handfast/protocol/fingerprint";
import { formatFrame, parseFrame } from "@handfast/protocol/frame";
import { encodeHeader, parseHeader } from "@handfast/protocol/header";
import { fromMultikey, toMultikey } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { commitmentTo } from "@handfast/protocol/payload";
import { openCheckpoint } from "@handfast/tlog/checkpoint";
import { admitKey, checkSignature, verify } from "@handfast/tlog/ed25519";
import { parseVerifierKey } from "@handfast/tlog/note-keys";
import { verifyInclusion } from "@handfast/tlog/proofs";
import { leafHash } from "@handfast/tlog/tree";
import base64url from "../vectors/base64url.json" with { type: "json" };
import canonical from "../vectors/canonical.json" with { type: "json" };
import charter from "../vectors/charter.json" with { type: "json" };
import checkpoint from "../vectors/checkpoint.json" with { type: "json" };
import rfc8032 from "../vectors/ed25519-rfc8032.json" with { type: "json" };
import speccheck from "../vectors/ed25519-speccheck.json" with { type: "json" };
import fingerprint from "../vectors/fingerprint.json" with { type: "json" };
import frames from "../vectors/frames.json" with { type: "json" };
import headersInvalid from "../vectors/headers_invalid.json" with { type: "json" };
import headersValid from "../vectors/headers_valid.json" with { type: "json" };
import multikey from "../vectors/multikey.json" with { type: "json" };
import payload from "../vectors/payload.json" with { type: "json" };
import rfc6962 from "../vectors/rfc6962.json" with { type: "json" };

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const base64 = (text: string): Uint8Array => Uint8Array.fromBase64(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const checks: Readonly<Record<string, () => readonly boolean[]>> = {
  base64url: () => [
    ...base64url.valid.map(({ bytes, text }) => toB64u(hex(bytes)) === text && fromB64u(text) !== null),
    ...base64url.invalid.map(({ text }) => fromB64u(text) === null),
  ],
  multikey: () =>
    multikey.valid.map(
      ({ publicKey, multikey: text }) =>
        toMultikey(hex(publicKey)) === text && fromMultikey(text)?.toHex() === publicKey,
    ),
  canonical: () => {
    const limit = { bytes: limits.payloadBytes, depth: limits.payloadDepth };
    return [
      ...canonical.valid.map(({ value, text }) => canonicalText(value as never) === text),
      ...canonical.refused.map(({ bytes }) => !gateJson(base64(bytes), limit).ok),
    ];
  },
  headers: () => [
    ...headersValid.cases.map(({ bytes, line, leafHash: leaf }) => {
      const parsed = parseHeader(base64(bytes));
      return (
        parsed.ok && textOf(encodeHeader(parsed.value)) === line && toB64u(leafHash(base64(bytes))) === leaf
      );
    }),
    ...headersInvalid.cases.map(({ bytes }) => !parseHeader(base64(bytes)).ok),
  ],
  payload: () =>
    payload.valid.map(
      ({ salt, body, hash }) => commitmentTo({ salt: hex(salt), body: utf8(body) }).hash === hash,
    ),
  charter: () =>
    charter.valid.map(({ text, net }) => parseCharter(utf8(text)).ok && networkIdOf(utf8(text)) === net),
  fingerprint: () => fingerprint.valid.map(({ id, words }) => fingerprintOf(id) === words),
  frames: () =>
    frames.valid.map(({ frame }) => {
      const parsed = parseFrame(utf8(frame));
      return !("malformed" in parsed) && textOf(formatFrame(parsed)) === frame;
    }),
  inclusion: () =>
    rfc6962.inclusion.map(({ index, size, proof }) => {
      const head = { size, root: hex(rfc6962.roots[size] as string) };
      return verifyInclusion(
        { leafHash: hex(rfc6962.leafHashes[index] as string), index, head },
        proof.map(hex),
      ).ok;
    }),
  ed25519: () => [
    ...rfc8032.cases.map(({ publicKey, message, signature }) => {
      const admitted = admitKey(hex(publicKey));
      return admitted.ok && verify(admitted.key, hex(message), hex(signature));
    }),
    ...speccheck.cases.map(({ publicKey, message, signature, reason }) => {
      const admitted = admitKey(hex(publicKey));
      const judged = admitted.ok ? checkSignature(admitted.key, hex(message), hex(signature)) : admitted;
      return !judged.ok && judged.reason === reason;
    }),
  ],
  checkpoint: () => {
    const keys = checkpoint.verifierKeys.map((text) => {
      const parsed = parseVerifierKey(text);
      if (!parsed.ok) throw new Error(parsed.reason);
      return parsed.key;
    });
    return checkpoint.valid.map(({ note }) => openCheckpoint(note, checkpoint.origin, keys).ok);
  },
  api: () => [
    verbs["initiative.propose"].body.safeParse({ title: "Shared transport" }).success,
    !verbs["commitment.offer"].body.safeParse({ act: "offer", due: "tomorrow" }).success,
    ["initiatives", "challenges", "commitments", "conversations"].every((name) => name in collections),
  ],
};

const results = Object.fromEntries(
  Object.entries(checks).map(([name, check]) => {
    const outcomes = check();
    return [name, { passed: outcomes.filter(Boolean).length, failed: outcomes.filter((ok) => !ok).length }];
  }),
);
const hash = toB64u(sha256(`${formatDocument(eventsDocument())}\n`));
const { document } = globalThis as unknown as {
  readonly document: { readonly body: { textContent: string } };
};
document.body.textContent = `RESULT ${JSON.stringify({ results, eventsHash: hash })} END`;
