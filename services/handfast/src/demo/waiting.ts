/** Waiting on a state, never on a time: asks again until it holds, and says what did not come when the limit is reached. */
import { setTimeout as delay } from "node:timers/promises";
import { NodeError } from "../node/fault.ts";

export async function until<Value>(
  what: string,
  ask: () => Promise<Value | null | false | undefined>,
  withinMs = 60_000,
): Promise<Value> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await ask();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline)
      throw new NodeError("waited-too-long", `${what} did not come within ${withinMs} ms`);
    await delay(20);
  }
}
