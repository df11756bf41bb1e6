/** The audit bundle into a file. */
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "@handfast/client/client";
import { writeNewFile } from "./new-file.ts";

/**
 * @param isForced Whether it may replace a file of that name.
 * @returns How many bytes the bundle has.
 */
export function exportBundle(
  client: Client,
  file: string,
  isForced: boolean,
  progress: (bytes: number) => void,
): Promise<number> {
  return writeNewFile(file, isForced, async (part) => {
    let bytes = 0;
    const count = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        bytes += chunk.length;
        progress(bytes);
        done(null, chunk);
      },
    });
    const body = await client.download("/v1/audit/bundle");
    await pipeline(Readable.fromWeb(body), count, createWriteStream(part, { mode: 0o600, flags: "wx" }));
    return bytes;
  });
}
