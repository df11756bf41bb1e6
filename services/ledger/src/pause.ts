/** Pauses of what runs beside everything else, and must not keep the process alive. */
import { setTimeout as delay } from "node:timers/promises";

/** Waits; true where it was told to stop meanwhile. */
export const isStoppedWithin = (ms: number, signal: AbortSignal): Promise<boolean> =>
  delay(ms, false, { signal, ref: false }).catch(() => true);
