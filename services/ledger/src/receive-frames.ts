/** The foreign part of a round: waiting frames judged, and the reply to the sender of each. */

import type { IngestReply } from "@handfast/api/messages/ledger";
import type { Frame } from "@handfast/protocol/frame";
import type { Outcome, Received } from "@handfast/replica/replica";
import { LedgerError } from "./fault.ts";
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

/**
 * Judges frames of our own log and takes the others', as far as their authors' budgets reach.
 *
 * @throws {LedgerError} `fatal` for entries of our own log that are validly signed and not held: they were signed elsewhere.
 */
export function receiveFrames(
  frames: readonly Frame[],
  held: Held,
  { log: ownLog }: LedgerIdentity,
  quota: Quota,
  nowMs: number,
): Pick<Received, "arrivals" | "evidence"> & { readonly outcomes: readonly Answered[] } {
  const { replica } = held;
  const over = frames.map((frame) => (frame.log === ownLog ? null : quota.refusalOf(frame, held)));
  const received = replica.receive(
    frames.filter(({ log }, index) => log !== ownLog && over[index] === null),
    nowMs,
  );
  quota.took(received.arrivals, held);
  let next = 0;
  const outcomes = frames.map((frame, index): Answered => {
    if (frame.log !== ownLog) return over[index] ?? (received.outcomes[next++] as Outcome);
    const verdict = replica.judge(frame, nowMs);
    if (verdict.kind === "refused") return verdict;
    if (verdict.kind === "known")
      return {
        kind: "taken",
        line: ownLog,
        size: replica.logs.get(ownLog)?.held ?? 0,
        held: 0,
        waiting: 0,
        need: [],
      };
    throw new LedgerError(
      "fatal",
      "a peer has entries of our own log, signed by our key, that are not here",
      {
        hint: "this folder was restored from a backup, or another node writes this log: do not go on in it, join again with a new node",
      },
    );
  });
  return { ...received, outcomes };
}

/** What the sender of a frame is told. */
export function replyTo(outcome: Answered): IngestReply {
  switch (outcome.kind) {
    case "taken": {
      const { size, held: accepted, waiting: pending, need } = outcome;
      return { ok: true, size, accepted, pending, ...(need.length > 0 ? { need: [...need] } : {}) };
    }
    case "refused": {
      const { kind: _kind, ...refusal } = outcome;
      return { ok: false, ...refusal };
    }
  }
}
