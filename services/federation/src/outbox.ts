/**
 * Batches on their way to one peer by `sync.push`. Live is lossy by design: a peer that is slow or says it is busy gets, in
 * place of what did not fit, one nudge with the newest size, and fetches the rest.
 */
import { Done, linkRules, PushReply } from "@handfast/protocol/federation";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { readAnswer, writeCall } from "./answers.ts";
import type { Events } from "./events.ts";
import { pause } from "./pause.ts";
import type { PeerLink } from "./peer-link.ts";

export type Batch = {
  readonly by: PartnerId;
  readonly log: LogId;
  readonly to: number;
  readonly frame: Uint8Array;
};

export interface Outbox {
  push(batch: Batch): void;
  /** Tells the peer how far a log goes, instead of sending it. */
  nudge(batch: Omit<Batch, "frame">): void;
}

const atOnce = 16;

export function createOutbox(link: PeerLink, net: NetworkId, events: Events): Outbox {
  const untold = new Map<LogId, Omit<Batch, "frame">>();
  let inFlight = 0;
  let isTelling = false;

  const tell = async (waitMs: number): Promise<void> => {
    if (isTelling) return;
    isTelling = true;
    await pause(waitMs);
    const heads = [...untold.values()].slice(0, linkRules.nudgeHeads);
    untold.clear();
    isTelling = false;
    if (heads.length === 0 || link.state !== "connected") return;
    const call = { net, heads: heads.map(({ by, log, to }) => ({ by, log, size: to })) };
    try {
      const answer = await link.request("sync.nudge", writeCall(call));
      for (const { by, log, to } of heads) link.knows(log, by, Math.max(to, link.known.get(log)?.size ?? 0));
      const refusal = readAnswer(Done, answer);
      if (!refusal.ok && refusal.code === "busy") {
        for (const head of heads) untold.set(head.log, head);
        void tell(refusal.retryAfterMs ?? 1_000);
      }
    } catch (err) {
      // The link is compared anew when it is back.
      events.peerFailed(link, "sync.nudge", err);
    }
  };

  const nudge: Outbox["nudge"] = ({ by, log, to }) => {
    untold.set(log, { by, log, to });
    if (inFlight === 0) void tell(0);
  };

  const send = async ({ by, log, to, frame }: Batch): Promise<void> => {
    try {
      const answer = readAnswer(PushReply, await link.request("sync.push", frame));
      if (answer.ok) link.knows(log, by, answer.value.size);
      else if (answer.code === "busy") {
        untold.set(log, { by, log, to });
        void tell(answer.retryAfterMs ?? 1_000);
      }
    } catch (err) {
      events.peerFailed(link, "sync.push", err);
      untold.set(log, { by, log, to });
    }
  };

  return {
    nudge,
    push: (batch) => {
      if (inFlight >= atOnce || isTelling) return nudge(batch);
      inFlight += 1;
      void send(batch).finally(() => {
        inFlight -= 1;
        if (inFlight === 0 && untold.size > 0) void tell(0);
      });
    },
  };
}
