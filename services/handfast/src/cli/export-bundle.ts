/** The audit bundle into a file: written beside it first, so that what carries the name is whole. */
import { createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "@handfast/client/client";
import { usage } from "../node/fault.ts";

/** @returns How many bytes the bundle has. */
export async function exportBundle(
  client: Client,
  file: string,
  progress: (bytes: number) => void,
): Promise<number> {
  const part = `${file}.part`;
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      progress(bytes);
      done(null, chunk);
    },
  });
  if (!existsSync(dirname(resolve(file)))) throw usage(`there is no folder ${dirname(resolve(file))}`);
  try {
    const body = await client.download("/v1/audit/bundle");
    await pipeline(Readable.fromWeb(body), count, createWriteStream(part, { mode: 0o600 }));
  } catch (err) {
    rmSync(part, { force: true });
    throw err;
  }
  renameSync(part, file);
  return bytes;
}
