/**
 * Our own batches on their way to a peer whose server we dial, by `sync.push`. Live is lossy by design: a peer that is slow or
 * says it is busy gets, in place of what did not fit, one nudge with the newest size, and fetches the rest.
 */
import { linkRules, NudgeReply, PushReply } from "@handfast/protocol/federation";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { readAnswer, writeCall } from "./answers.ts";
import type { Events } from "./events.ts";
import type { PeerLink } from "./peer-link.ts";
import { pause, type Timers } from "./timers.ts";

export type News = { readonly by: PartnerId; readonly log: LogId; readonly to: number };
export type Batch = News & { readonly frame: Uint8Array };

/** `wasNew`: the peer lacked some of it. `busyMs`: it did not look; come again after so long. */
export type Told = { readonly wasNew: boolean } | { readonly busyMs: number };

/** Sends one batch. @throws When the link is down or the peer silent. */
export async function push(link: PeerLink, { by, log, frame }: Batch): Promise<Told> {
  const answer = readAnswer(PushReply, await link.request("sync.push", frame));
  if (!answer.ok) return answer.code === "busy" ? { busyMs: answer.retryAfterMs ?? 1_000 } : { wasNew: true };
  link.knows(log, by, answer.value.size);
  return { wasNew: answer.value.accepted > 0 };
}

/** Tells how far logs go, instead of sending them. @throws As `push`. */
export async function nudge(link: PeerLink, net: NetworkId, news: readonly News[]): Promise<Told> {
  const heads = news.slice(0, linkRules.nudgeHeads).map(({ by, log, to }) => ({ by, log, size: to }));
  const answer = readAnswer(NudgeReply, await link.request("sync.nudge", writeCall({ net, heads })));
  if (!answer.ok) return answer.code === "busy" ? { busyMs: answer.retryAfterMs ?? 1_000 } : { wasNew: true };
  return { wasNew: answer.value.lacking > 0 };
}

export interface Outbox {
  push(batch: Batch): void;
}

const atOnce = 16;

export function createOutbox(
  link: PeerLink,
  {
    net,
    events,
    timers,
    onUntold,
  }: {
    readonly net: NetworkId;
    readonly events: Events;
    readonly timers: Timers;
    /** The peer did not answer: whether it lacks something is not known. */
    readonly onUntold: (link: PeerLink) => void;
  },
): Outbox {
  const untold = new Map<LogId, News>();
  let inFlight = 0;
  let isTelling = false;

  /** Tells what was not sent, when nothing is on its way any more. */
  const tell = async (waitMs: number): Promise<void> => {
    if (isTelling) return;
    isTelling = true;
    await pause(timers, waitMs);
    const news = [...untold.values()];
    untold.clear();
    isTelling = false;
    // A link that is down is compared anew when it is back.
    if (news.length === 0 || link.state !== "connected") return;
    try {
      const told = await nudge(link, net, news);
      if ("busyMs" in told) again(news, told.busyMs);
    } catch (err) {
      events.peerFailed(link, "sync.nudge", err);
      onUntold(link);
    }
  };
  const again = (news: readonly News[], waitMs: number): void => {
    for (const one of news) if ((untold.get(one.log)?.to ?? 0) < one.to) untold.set(one.log, one);
    void tell(waitMs);
  };

  const send = async (batch: Batch): Promise<void> => {
    try {
      const told = await push(link, batch);
      if ("busyMs" in told) again([batch], told.busyMs);
    } catch (err) {
      events.peerFailed(link, "sync.push", err);
      untold.set(batch.log, batch);
    }
  };

  return {
    push: (batch) => {
      if (inFlight >= atOnce || isTelling) {
        untold.set(batch.log, batch);
        return;
      }
      inFlight += 1;
      void send(batch).finally(() => {
        inFlight -= 1;
        if (inFlight === 0 && untold.size > 0) void tell(0);
      });
    },
  };
}
