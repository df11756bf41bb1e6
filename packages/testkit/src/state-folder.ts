/**
 * Where tests keep fences: a folder of this run, never the one of a person. `vitest.config.ts` makes it and removes it, and names it
 * to every process that a test starts.
 */
export function testStateDir(): string {
  const dir = process.env["HANDFAST_STATE_DIR"];
  if (dir === undefined)
    throw new Error("HANDFAST_STATE_DIR is not set: tests run by vitest have it from its configuration");
  return dir;
}
