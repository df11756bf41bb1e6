/**
 * Batches as they happen. Our own go out at once: one message to all who dial us, one push over each link we dial. A third
 * partner's goes on only where it seems to be missing, a moment later, and never back to its author.
 */
import type { Bus } from "@handfast/bus/bus";
import { versionHeader } from "@handfast/protocol/federation";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import type { IngestReply } from "@handfast/protocol/ledger";
import { limits } from "@handfast/protocol/limits";
import { subjects } from "@handfast/protocol/subjects";
import { frameLine } from "./answers.ts";
import type { CatchUp } from "./catch-up.ts";
import type { Events } from "./events.ts";
import type { Receive } from "./intake.ts";
import { type Batch, createOutbox, type Outbox } from "./outbox.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";

export interface Live extends AsyncDisposable {
  /** A batch that came over a link unasked. */
  receive(link: PeerLink, frame: Uint8Array): Promise<IngestReply>;
}

/** Long enough for a batch to come from its author; short enough to be felt as live. */
const forwardAfterMs = 50;

export function startLive(deps: {
  readonly net: NetworkId;
  readonly self: PartnerId;
  readonly home: Bus;
  readonly fed: Bus;
  readonly links: () => readonly PeerLink[];
  readonly receive: Receive;
  readonly catchUp: CatchUp;
  readonly sizes: Sizes;
  readonly events: Events;
  readonly onArrived: () => void;
}): Live {
  const { net, self, fed, sizes, catchUp, events } = deps;
  const outboxes = new WeakMap<PeerLink, Outbox>();
  const toForward = new Map<LogId, { readonly batch: Batch; readonly isOnly: boolean }>();
  const timers = new Set<NodeJS.Timeout>();

  const outboxOf = (link: PeerLink): Outbox => {
    const outbox = outboxes.get(link) ?? createOutbox(link, net, events);
    outboxes.set(link, outbox);
    return outbox;
  };
  const connected = (role?: PeerLink["role"]) =>
    deps.links().filter((link) => link.state === "connected" && (role ?? link.role) === link.role);

  const publish = (batch: Batch): void => {
    for (const link of connected("dialer")) outboxOf(link).push(batch);
    if (fed.status !== "connected" || connected("host").length === 0) return;
    fed.publish(subjects.live(net, self), batch.frame, versionHeader);
  };

  const forward = (log: LogId): void => {
    const waiting = toForward.get(log);
    if (waiting === undefined) return;
    // In the middle of a catch-up only the last batch is worth sending on.
    if (catchUp.isFetching(log)) {
      later(log);
      return;
    }
    toForward.delete(log);
    const { batch, isOnly } = waiting;
    for (const link of connected()) {
      if (link.peer === batch.by || (link.known.get(log)?.size ?? 0) >= batch.to) continue;
      if (isOnly) outboxOf(link).push(batch);
      else outboxOf(link).nudge(batch);
    }
  };

  const later = (log: LogId): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      forward(log);
    }, forwardAfterMs);
    timers.add(timer);
  };

  const spread = (frame: Uint8Array): void => {
    const { log, to } = frameLine(frame);
    const by = authorOf(frame);
    sizes.grew(log, to, by);
    const batch = { by, log, to, frame };
    if (by === self) {
      publish(batch);
      return;
    }
    deps.onArrived();
    const isFirst = !toForward.has(log);
    toForward.set(log, { batch, isOnly: isFirst });
    if (isFirst) later(log);
  };

  const notices = deps.home.subscribe(subjects.batchNotice, ({ data }) => spread(data), {
    maxPending: 8_192,
    maxMessageBytes: limits.frameBytes,
  });

  return {
    receive: async (link, frame) => {
      const { log, to } = frameLine(frame);
      const reply = await deps.receive(link, frame, "live");
      if (reply.ok) {
        sizes.grew(log, reply.size, sizes.authorOf(log) ?? authorOf(frame));
        link.knows(log, sizes.authorOf(log) ?? authorOf(frame), Math.max(to, link.known.get(log)?.size ?? 0));
      }
      catchUp.follow(link, { log, to }, reply);
      return reply;
    },
    [Symbol.asyncDispose]: async () => {
      await notices[Symbol.asyncDispose]();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** `by` of the first header of a frame the ledger gave or accepted. */
function authorOf(frame: Uint8Array): PartnerId {
  const start = frame.indexOf(0x0a) + 1;
  const line = frame.subarray(start, frame.indexOf(0x0a, start));
  return (JSON.parse(new TextDecoder().decode(line)) as { readonly by: PartnerId }).by;
}
