/** An audit of a bundle: on several cores where it is large and sound, else front to back by one. */
import { verifyClean } from "./parallel/verify-clean.ts";
import { type Audit, type VerifyOptions, verifyBundle } from "./verify.ts";

/** Reads and judges the bundle at `path`. Throws what the file system throws, nothing about the content. */
export async function audit(path: string, options: VerifyOptions = {}): Promise<Audit> {
  return (await verifyClean(path, options)) ?? verifyBundle(path, options);
}
