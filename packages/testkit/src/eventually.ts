/** Waits on a state with a limit, never on a time. */
import { setTimeout as delay } from "node:timers/promises";

/**
 * Looks until the answer is not false, null or undefined.
 *
 * @throws {Error} After `withinMs`, with what was being waited for and the last look's error, if any, as its cause.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  { withinMs = 10_000, everyMs = 5 }: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + withinMs;
  let cause: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== false && seen !== null && seen !== undefined)
        return seen as NonNullable<Exclude<T, false>>;
      cause = undefined;
    } catch (err) {
      cause = err;
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`, { cause });
    await delay(everyMs);
  }
}
