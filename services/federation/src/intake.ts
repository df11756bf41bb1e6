/**
 * The one way in for foreign frames: to the ledger, in order of arrival, so many at a time. It judges; here its answer is
 * counted for or against the peer. Beyond the limits the newest live frame is dropped, since ranges are the truth.
 */

import type { IngestReply } from "@handfast/api/messages/ledger";
import { limits } from "@handfast/protocol/limits";
import { notNow } from "@handfast/protocol/refusals";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { Events } from "./events.ts";
import type { PeerLink } from "./peer-link.ts";

/** `live`: pushed at us, may be dropped. `range`: we asked for it. `branch`: to find out where another history parts. */
type Arrival = "live" | "range" | "branch";
export type Receive = (link: PeerLink, frame: Uint8Array, how: Arrival) => Promise<IngestReply>;

/** Frames at the ledger at once; it puts those together in one transaction. */
const atOnce = 64;
const waitingFrames = 1_024;

export function createIntake(deps: {
  readonly ledger: LedgerClient;
  readonly events: Events;
  /** Called for a peer that has just been paused. */
  readonly onPaused: (link: PeerLink) => void;
}): Receive {
  const queue: (() => Promise<void>)[] = [];
  let working = 0;
  let waitingBytes = 0;

  const pump = (): void => {
    while (working < atOnce) {
      const work = queue.shift();
      if (work === undefined) return;
      working += 1;
      void work().finally(() => {
        working -= 1;
        pump();
      });
    }
  };

  const judge = async (link: PeerLink, frame: Uint8Array, how: Arrival): Promise<IngestReply> => {
    let reply: IngestReply;
    try {
      reply = await deps.ledger.ingest(frame);
    } catch (err) {
      deps.events.ledgerFailed("ingest", err);
      return { ok: false, code: "internal" };
    }
    // What its author did sign may be another history: who asked finds out, and then it counts.
    const isOpen = !reply.ok && reply.isSigned === true;
    if (isOpen && how === "branch") return reply;
    if (!reply.ok && !notNow.has(reply.code)) {
      deps.events.frameRefused(link, reply.code, reply.detail);
      if (!isOpen && link.conduct.refuse(reply.code)) deps.onPaused(link);
    }
    return reply;
  };

  return (link, frame, how) => {
    if (link.conduct.pausedUntil !== null) return Promise.resolve({ ok: false, code: "busy" });
    const isFull = queue.length >= waitingFrames || waitingBytes + frame.length > limits.pendingBytes;
    if (how === "live" && isFull) return Promise.resolve({ ok: false, code: "busy" });
    const { promise, resolve } = Promise.withResolvers<IngestReply>();
    waitingBytes += frame.length;
    queue.push(async () => {
      const reply = await judge(link, frame, how);
      waitingBytes -= frame.length;
      resolve(reply);
    });
    pump();
    return promise;
  };
}
