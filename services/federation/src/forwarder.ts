/**
 * News of third partners on their way to one peer: a moment after they came, and only where the peer is not known to have
 * them. One batch is sent as it is; several become one nudge.
 *
 * Where partners are linked all with all, what we pass on is mostly known already. So the moment grows as long as nothing was
 * new to the peer, and is short again as soon as something was.
 */
import type { LogId, NetworkId } from "@handfast/protocol/ids";
import type { Events } from "./events.ts";
import { type Batch, nudge, push, type Told } from "./outbox.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Timers } from "./timers.ts";

export interface Forwarder extends Disposable {
  pass(batch: Batch): void;
}

/** Long enough for a batch to come from its author; short enough to be felt as live. */
const firstWaitMs = 50;
const lastWaitMs = 1_600;

export function createForwarder(
  link: PeerLink,
  deps: {
    readonly net: NetworkId;
    readonly events: Events;
    readonly timers: Timers;
    /** In the middle of a catch-up only the last batch is worth passing on. */
    readonly isFetching: (log: LogId) => boolean;
    /** The peer did not answer: whether it lacks something is not known. */
    readonly onUntold: (link: PeerLink) => void;
  },
): Forwarder {
  const waiting = new Map<LogId, { readonly batch: Batch; readonly isOnly: boolean }>();
  let timer: Disposable | undefined;
  let waitMs = firstWaitMs;

  const arm = (ms: number): void => {
    timer ??= deps.timers.after(ms, () => void fire());
  };
  const isUnknown = ({ batch }: { readonly batch: Batch }) =>
    (link.known.get(batch.log)?.size ?? 0) < batch.to;

  const fire = async (): Promise<void> => {
    const ready = [...waiting].filter(([log]) => !deps.isFetching(log));
    for (const [log] of ready) waiting.delete(log);
    const due = ready.map(([, one]) => one).filter(isUnknown);
    if (due.length > 0 && link.state === "connected") await send(due);
    timer = undefined;
    if (waiting.size > 0) arm(waitMs);
  };

  const send = async (due: readonly { readonly batch: Batch; readonly isOnly: boolean }[]): Promise<void> => {
    const [first] = due;
    try {
      const told: Told =
        due.length === 1 && first?.isOnly === true
          ? await push(link, first.batch)
          : await nudge(
              link,
              deps.net,
              due.map(({ batch }) => batch),
            );
      if ("busyMs" in told) {
        waitMs = Math.min(lastWaitMs, Math.max(2 * waitMs, told.busyMs));
        for (const one of due)
          if (!waiting.has(one.batch.log)) waiting.set(one.batch.log, { ...one, isOnly: false });
      } else waitMs = told.wasNew ? firstWaitMs : Math.min(lastWaitMs, 2 * waitMs);
    } catch (err) {
      deps.events.peerFailed(link, "forward", err);
      deps.onUntold(link);
    }
  };

  return {
    pass: (batch) => {
      const isOnly = !waiting.has(batch.log);
      waiting.set(batch.log, { batch, isOnly });
      arm(waitMs);
    },
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  };
}
