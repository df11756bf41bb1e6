/**
 * A comparison that left something behind, or a peer that could not be told of something new, is made good by comparing
 * again: soon, then ever more slowly, until a comparison leaves nothing. Without it a single answer that came too late
 * would be missed until the next comparison by the clock.
 */
import type { PeerLink } from "./peer-link.ts";
import type { Timers } from "./timers.ts";

export interface CompareAgain extends Disposable {
  /** Something is missing on one side. Said again while it waits, it changes nothing. */
  later(link: PeerLink): void;
  /** A comparison left nothing behind: the next wait is short again. */
  settled(link: PeerLink): void;
}

const firstWaitMs = 1_000;
const lastWaitMs = 60_000;

export function createCompareAgain(timers: Timers, compare: (link: PeerLink) => void): CompareAgain {
  const waits = new Map<PeerLink, number>();
  const waiting = new Map<PeerLink, Disposable>();
  return {
    later: (link) => {
      // A link that is down is compared when it is back.
      if (waiting.has(link) || link.state !== "connected") return;
      const waitMs = waits.get(link) ?? firstWaitMs;
      waits.set(link, Math.min(lastWaitMs, 2 * waitMs));
      const timer = timers.after(waitMs * (0.75 + timers.random() / 2), () => {
        waiting.delete(link);
        if (link.state === "connected") compare(link);
        else waits.delete(link);
      });
      waiting.set(link, timer);
    },
    settled: (link) => {
      waits.delete(link);
      waiting.get(link)?.[Symbol.dispose]();
      waiting.delete(link);
    },
    [Symbol.dispose]: () => {
      for (const timer of waiting.values()) timer[Symbol.dispose]();
      waiting.clear();
    },
  };
}
