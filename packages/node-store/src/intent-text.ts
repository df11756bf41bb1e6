/** An intent as text: only needed where the log store has a database of its own. */
import { fromB64u, toB64u } from "@handfast/protocol/bytes";
import { StorageError } from "@handfast/storage/fault";
import type { Intent } from "./node-store.ts";

type Edge = NonNullable<Intent["runs"][number]["edge"]>;

export const intentText = ({ runs, replies }: Intent): string =>
  JSON.stringify({
    runs: runs.map(({ payloads, digest, edge, ...run }) => ({
      ...run,
      digest: toB64u(digest),
      payloads: payloads.map(({ seq, salt, body }) => ({ seq, salt: toB64u(salt), body: toB64u(body) })),
      edge: edge === null ? null : { ...edge, proof: edge.proof.map(toB64u) },
    })),
    replies,
  });

type Written = {
  readonly runs: readonly (Omit<Intent["runs"][number], "payloads" | "digest" | "edge"> & {
    readonly digest: string;
    readonly payloads: readonly { readonly seq: number; readonly salt: string; readonly body: string }[];
    readonly edge: (Omit<Edge, "proof"> & { readonly proof: readonly string[] }) | null;
  })[];
  readonly replies: Intent["replies"];
};

/** @throws {StorageError} `damaged`. */
export function parseIntent(text: string): Intent {
  let written: Written;
  try {
    written = JSON.parse(text) as Written;
  } catch (cause) {
    throw new StorageError("damaged", "the write that was begun last cannot be read", cause);
  }
  const bytes = (b64u: string): Uint8Array => fromB64u(b64u) ?? new Uint8Array();
  return {
    runs: written.runs.map(({ payloads, digest, edge, ...run }) => ({
      ...run,
      digest: bytes(digest),
      payloads: payloads.map(({ seq, salt, body }) => ({ seq, salt: bytes(salt), body: bytes(body) })),
      edge: edge === null ? null : { ...edge, proof: edge.proof.map(bytes) },
    })),
    replies: written.replies,
  };
}
