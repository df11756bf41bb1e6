/** The part of a round that came from peers: which frames it takes, what those of our own log mean, and the reply to each. */

import type { IngestReply } from "@handfast/api/messages/ledger";
import type { Frame } from "@handfast/protocol/frame";
import { isBranch } from "@handfast/protocol/ids";
import type { Outcome, Received, Replica } from "@handfast/replica/replica";
import type { Doubt } from "./doubt.ts";
import type { LedgerIdentity } from "./files.ts";
import type { Held } from "./held.ts";
import type { OverBudget, Quota } from "./quota.ts";

export type WaitingFrame = {
  readonly frame: Frame;
  readonly bytes: number;
  readonly answer: (reply: IngestReply) => void;
};

const framesPerRound = 64;
const bytesPerRound = 8 * 1024 * 1024;

/** Removes the oldest frames that one round takes. */
export function takeFrames(waiting: WaitingFrame[]): WaitingFrame[] {
  let bytes = 0;
  const end = waiting.findIndex((each, index) => {
    bytes += each.bytes;
    return index === framesPerRound || (index > 0 && bytes > bytesPerRound);
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

export type Answered = Outcome | OverBudget;

/** Judges frames and takes them, as far as their authors' budgets reach; our own log has none. */
export function receiveFrames(
  frames: readonly Frame[],
  held: Held,
  { log: ownLog }: LedgerIdentity,
  quota: Quota,
  nowMs: number,
): Pick<Received, "arrivals" | "evidence"> & { readonly outcomes: readonly Answered[] } {
  const over = frames.map((frame) => (frame.log === ownLog ? null : quota.refusalOf(frame, held)));
  const received = held.replica.receive(
    frames.filter((_, index) => over[index] === null),
    nowMs,
  );
  quota.took(received.arrivals);
  let next = 0;
  const outcomes = over.map((refusal): Answered => refusal ?? (received.outcomes[next++] as Outcome));
  return { ...received, outcomes };
}

/**
 * What frames of our own log show: validly signed entries that are not held here were signed elsewhere, or before this folder was
 * put back. They are taken like anybody's, and nothing of ours is signed on top of them.
 */
export function doubtOfFrames(
  frames: readonly Frame[],
  replica: Replica,
  { log: ownLog }: LedgerIdentity,
  nowMs: number,
): Doubt | null {
  let doubt: Doubt | null = null;
  for (const frame of frames) {
    if (frame.log !== ownLog) continue;
    const verdict = replica.judge(frame, nowMs);
    if (verdict.kind !== "verified") continue;
    if (verdict.run.base !== null) return { code: "forked" };
    doubt = { code: "peer-has-more", size: frame.to };
  }
  return doubt;
}

/** What the sender of a frame is told. */
export function replyTo(outcome: Answered): IngestReply {
  switch (outcome.kind) {
    case "taken": {
      const { line, size, held: accepted, waiting: pending, need } = outcome;
      return {
        ok: true,
        size,
        accepted,
        pending,
        ...(need.length > 0 ? { need: [...need] } : {}),
        ...(isBranch(line) ? { isBranch: true } : {}),
      };
    }
    case "refused": {
      const { kind: _kind, ...refusal } = outcome;
      return { ok: false, ...refusal };
    }
  }
}
