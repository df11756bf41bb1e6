/**
 * How a peer behaved: what was refused from it, by code, and whether it is paused. Three bad signatures within a minute
 * pause a link for ten: an honest node verifies before it passes on, so they do not happen by accident. So does a flood.
 */
import { budgets } from "@handfast/protocol/budgets";
import type { Clock } from "./clock.ts";

const strikes = 3;
const strikeWindowMs = 60_000;
export const pauseMs = 10 * 60_000;

export interface Conduct {
  /** By code, since the start. */
  readonly refused: ReadonlyMap<string, number>;
  /** Null when the peer is heard. */
  readonly pausedUntil: number | null;
  /** Counts a refusal; true when it was the one that pauses the link. */
  refuse(code: string): boolean;
  /** Counts a live frame that was not looked at; true when it was the one that pauses the link. */
  drop(): boolean;
}

export function createConduct(clock: Clock): Conduct {
  const refused = new Map<string, number>();
  let badSignaturesAt: readonly number[] = [];
  let until = 0;
  let dropped = { since: 0, frames: 0 };
  return {
    refused,
    get pausedUntil() {
      return clock.now() < until ? until : null;
    },
    refuse: (code) => {
      refused.set(code, (refused.get(code) ?? 0) + 1);
      if (code !== "bad-checkpoint") return false;
      const now = clock.now();
      badSignaturesAt = [...badSignaturesAt.filter((at) => at > now - strikeWindowMs), now];
      if (badSignaturesAt.length < strikes) return false;
      badSignaturesAt = [];
      until = now + pauseMs;
      return true;
    },
    drop: () => {
      refused.set("dropped", (refused.get("dropped") ?? 0) + 1);
      const now = clock.now();
      if (dropped.since < now - strikeWindowMs) dropped = { since: now, frames: 0 };
      dropped.frames += 1;
      if (dropped.frames !== budgets.link.liveDroppedPause) return false;
      until = now + pauseMs;
      return true;
    },
  };
}
