/** The audit bundle into a file. */
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "@handfast/client/client";
import { createBundleMeter } from "./bundle-meter.ts";
import { writeNewFile } from "./new-file.ts";

/**
 * @param isForced Whether it may replace a file of that name.
 * @param progress Told how far it is, and about how long the rest takes.
 * @returns How many bytes the bundle has.
 */
export function exportBundle(
  client: Client,
  file: string,
  isForced: boolean,
  progress: (text: string) => void,
): Promise<number> {
  return writeNewFile(file, isForced, async (part) => {
    let bytes = 0;
    const meter = createBundleMeter();
    const count = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        bytes += chunk.length;
        const text = meter(chunk);
        if (text !== null) progress(text);
        done(null, chunk);
      },
    });
    // The node reads its whole history once before it sends the first byte.
    progress("the node counts what there is to write");
    const body = await client.download("/v1/audit/bundle");
    await pipeline(Readable.fromWeb(body), count, createWriteStream(part));
    return bytes;
  });
}
