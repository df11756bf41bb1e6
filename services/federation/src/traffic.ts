/**
 * What one link may ask of this node: calls a second, bytes a minute, and a wider measure of its own for catching up,
 * so that a partner who was away for a week is neither refused nor able to crowd out the others.
 */
import { budgets } from "@handfast/protocol/budgets";
import { linkRules } from "@handfast/protocol/federation";
import { createTokenBucket } from "@handfast/service-kit/token-bucket";
import type { Clock } from "./clock.ts";

export interface Traffic {
  /** 0, and the call is counted; else after how many milliseconds to come again. */
  admit(op: string, bytes: number): number;
  /** Counts what was sent back. */
  answered(op: string, bytes: number): void;
  /** Whether a live frame of so many bytes may be looked at; then it is counted. */
  admitsLive(bytes: number): boolean;
  /** A live frame was refused, or told nothing new: it counts for several. */
  wasted(frames: number): void;
}

/** Settings; the defaults are the protocol's. */
export type TrafficRules = {
  readonly callsPerSecond: number;
  readonly callsBurst: number;
  readonly bytesPerMinute: number;
  readonly catchUpBytesPerSecond: number;
};

/** Even an empty answer to a catch-up call costs a look at the log. */
const catchUpFloorBytes = 4_096;
const isCatchUp = (op: string) => op === "sync.range" || op === "payload.get";

export function createTraffic(clock: Clock, rules: TrafficRules = linkRules): Traffic {
  const calls = createTokenBucket(rules.callsPerSecond, rules.callsBurst, clock);
  const bytes = createTokenBucket(rules.bytesPerMinute / 60, rules.bytesPerMinute, clock);
  const catchUp = createTokenBucket(rules.catchUpBytesPerSecond, rules.catchUpBytesPerSecond, clock);
  const { link } = budgets;
  const liveFrames = createTokenBucket(link.liveFramesPerSecond, link.liveFramesBurst, clock);
  const liveBytes = createTokenBucket(link.liveBytesPerSecond, link.liveBytesBurst, clock);
  return {
    admitsLive: (size) => {
      if (liveFrames.waitMs() > 0 || liveBytes.waitMs() > 0) return false;
      liveFrames.take(1);
      liveBytes.take(size);
      return true;
    },
    wasted: (frames) => liveFrames.take(frames),
    admit: (op, size) => {
      const measures = isCatchUp(op) ? [catchUp] : [calls, bytes];
      const wait = Math.max(...measures.map((measure) => measure.waitMs()));
      if (wait > 0) return wait;
      if (isCatchUp(op)) catchUp.take(size + catchUpFloorBytes);
      else {
        calls.take(1);
        bytes.take(size);
      }
      return 0;
    },
    answered: (op, size) => (isCatchUp(op) ? catchUp : bytes).take(size),
  };
}
