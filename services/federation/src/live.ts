/**
 * Batches as they happen. Our own go out at once: one message to all who dial us, one push over each link we dial. A third
 * partner's goes on only where it seems to be missing, a moment later, and never back to its author.
 */

import type { IngestReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { versionHeader } from "@handfast/protocol/federation";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { notNow } from "@handfast/protocol/refusals";
import { wireSubjects } from "@handfast/protocol/subjects";
import { frameLine } from "./answers.ts";
import type { CatchUp } from "./catch-up.ts";
import type { Events } from "./events.ts";
import { createForwarder, type Forwarder } from "./forwarder.ts";
import type { Receive } from "./intake.ts";
import { type Batch, createOutbox, type Outbox } from "./outbox.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";
import type { Timers } from "./timers.ts";

export interface Live extends AsyncDisposable {
  /** A batch that a peer pushed over a link, and waits for an answer to. */
  receive(link: PeerLink, frame: Uint8Array): Promise<IngestReply>;
  /** A batch that came over a link unasked: beyond the link's rate it is dropped, and heads are compared instead. */
  hear(link: PeerLink, frame: Uint8Array): void;
}

/** A refused frame costs a look at everything in it; one that tells nothing new is common where all are linked with all. */
const refusedCounts = 19;
const oldCounts = 3;
const compareAfterDropMs = 5_000;

const forkProven = '"type":"fork.proven"';

export function startLive(deps: {
  readonly net: NetworkId;
  readonly self: PartnerId;
  readonly home: Bus;
  readonly fed: Bus;
  readonly links: () => readonly PeerLink[];
  readonly receive: Receive;
  readonly catchUp: CatchUp;
  readonly sizes: Sizes;
  readonly timers: Timers;
  readonly events: Events;
  readonly onArrived: () => void;
  /** An entry came that proves a fork, ours or somebody else's. */
  readonly onFork: () => void;
  /** Called for a peer that has just been paused. */
  readonly onPaused: (link: PeerLink) => void;
}): Live {
  const { net, self, fed, sizes, catchUp, timers, events } = deps;
  const ways = new Map<PeerLink, { readonly outbox: Outbox; readonly forwarder: Forwarder }>();

  const wayTo = (link: PeerLink) => {
    const { isFetching, untold } = catchUp;
    const way = ways.get(link) ?? {
      outbox: createOutbox(link, { net, events, timers, onUntold: untold }),
      forwarder: createForwarder(link, { net, events, timers, isFetching, onUntold: untold }),
    };
    ways.set(link, way);
    return way;
  };
  const connected = () => deps.links().filter((link) => link.state === "connected");

  const publish = (batch: Batch): void => {
    const links = connected();
    for (const link of links) if (link.role === "dialer") wayTo(link).outbox.push(batch);
    if (fed.status !== "connected" || !links.some((link) => link.role === "host")) return;
    fed.publish(wireSubjects.live(net, self), batch.frame, versionHeader);
  };

  const spread = (frame: Uint8Array): void => {
    // Who hears that a log has two histories may hold one, and needs both.
    if (Buffer.from(frame.buffer, frame.byteOffset, frame.length).includes(forkProven)) deps.onFork();
    const { log, to } = frameLine(frame);
    const by = authorOf(frame);
    sizes.grew(log, to, by);
    const batch = { by, log, to, frame };
    if (by === self) {
      publish(batch);
      return;
    }
    deps.onArrived();
    for (const link of connected()) if (link.peer !== by) wayTo(link).forwarder.pass(batch);
    forgetClosed();
  };
  const forgetClosed = (): void => {
    const open = new Set(deps.links());
    for (const [link, { forwarder }] of ways) {
      if (open.has(link)) continue;
      forwarder[Symbol.dispose]();
      ways.delete(link);
    }
  };

  const notices = deps.home.subscribe(subjects.batchNotice, ({ data }) => spread(data), {
    maxPending: 8_192,
    maxMessageBytes: limits.frameBytes,
  });

  const comparing = new Set<PeerLink>();
  const compareLater = (link: PeerLink): void => {
    if (comparing.has(link)) return;
    comparing.add(link);
    timers.after(compareAfterDropMs, () => {
      comparing.delete(link);
      if (link.state === "connected") void catchUp.reconcile(link, "gap");
    });
  };

  const receive: Live["receive"] = async (link, frame) => {
    const { log, to } = frameLine(frame);
    const reply = await deps.receive(link, frame, "live");
    if (reply.ok) {
      if (reply.isBranch !== true) sizes.grew(log, reply.size, sizes.authorOf(log) ?? authorOf(frame));
      link.knows(log, sizes.authorOf(log) ?? authorOf(frame), Math.max(to, link.known.get(log)?.size ?? 0));
      link.proves(log, to);
    }
    if (!reply.ok && reply.isSigned === true) catchUp.apart(link, frame);
    else catchUp.follow(link, { log, to }, reply);
    return reply;
  };

  return {
    receive,
    hear: (link, frame) => {
      if (link.conduct.pausedUntil !== null) return;
      if (!link.traffic.admitsLive(frame.length)) {
        events.liveDropped(link);
        if (link.conduct.drop()) deps.onPaused(link);
        compareLater(link);
        return;
      }
      void receive(link, frame).then((reply) => {
        if (!reply.ok && !notNow.has(reply.code)) link.traffic.wasted(refusedCounts);
        else if (!reply.ok || reply.accepted + reply.pending === 0) link.traffic.wasted(oldCounts);
      });
    },
    [Symbol.asyncDispose]: async () => {
      await notices[Symbol.asyncDispose]();
      for (const { forwarder } of ways.values()) forwarder[Symbol.dispose]();
    },
  };
}

/** `by` of the first header of a frame the ledger gave or accepted. */
function authorOf(frame: Uint8Array): PartnerId {
  const start = frame.indexOf(0x0a) + 1;
  const line = frame.subarray(start, frame.indexOf(0x0a, start));
  return (JSON.parse(new TextDecoder().decode(line)) as { readonly by: PartnerId }).by;
}
