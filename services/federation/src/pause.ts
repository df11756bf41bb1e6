/** Waits. Never keeps the process alive, and ends early when told to stop. */
import { setTimeout as delay } from "node:timers/promises";

export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  // Cut short is as good as over: the caller looks at its signal.
  await delay(ms, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) }).catch(() => {});
}
