/**
 * Fetching one log, range by range; while one is verified the next is on its way. One link fetches a log at a time, the author's
 * own first. It keeps that place only while something moves, and not for long while another waits: a peer that claims a log
 * and hardly gives it holds nobody up.
 */

import { budgets } from "@handfast/protocol/budgets";
import { parseFrame } from "@handfast/protocol/frame";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { isFrame, readRefusal, writeCall } from "./answers.ts";
import { type History, historyOf } from "./branches.ts";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { Receive } from "./intake.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";
import { pause, type Timers } from "./timers.ts";

export interface FetchLog {
  /** Fetches a log from a peer until `size` is held or nothing moves. True when it moved. */
  fetch(link: PeerLink, log: LogId, size: number): Promise<boolean>;
  /** One range, however often the peer says it is busy, within a limit. Null when it has none for us. */
  range(link: PeerLink, log: LogId, from: number): Promise<Uint8Array | null>;
  isFetching(log: LogId): boolean;
  /** So many entries of a log are taken by the standing of its author, who is who the peer says until some are held. */
  mostOf(link: PeerLink, log: LogId): number;
}

type Fetching = {
  readonly link: PeerLink;
  target: number;
  movedAtMs: number;
  /** Other links that would fetch it. */
  waiting: number;
  readonly done: Promise<boolean>;
};

const rangeTimeoutMs = 15_000;
/** Ranges in a row that were kept, but wait for parents: then others have to be fetched first. */
const stalledRanges = 3;
const { runMs, overtakeMs, busyMs } = budgets.link;

export function createFetchLog(deps: {
  readonly net: NetworkId;
  readonly sizes: Sizes;
  /** How many entries are taken of a log of this partner of which nothing is held. */
  readonly firstMost: (partner: PartnerId) => number;
  /** The link with a partner that is up. */
  readonly linkOf: (partner: PartnerId) => PeerLink | undefined;
  readonly receive: Receive;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: Events;
  readonly onArrived: () => void;
  /** Parents that are missing. */
  readonly onNeed: (link: PeerLink, needs: readonly History[]) => void;
  /** A frame that its author signed, and that does not follow from what is held. */
  readonly onApart: (link: PeerLink, history: History) => void;
}): FetchLog {
  const { net, sizes, clock, timers, events } = deps;
  const fetching = new Map<LogId, Fetching>();

  const mostOf: FetchLog["mostOf"] = (link, log) =>
    sizes.mostOf(log) ?? deps.firstMost(sizes.authorOf(log) ?? link.known.get(log)?.by ?? "");

  const range: FetchLog["range"] = async (link, log, from) => {
    const limit = Math.min(limits.rangeEntries, mostOf(link, log) - from);
    if (limit < 1) return null;
    const call = writeCall({ net, log, from, limit });
    const until = clock.now() + busyMs;
    for (;;) {
      const answer = await link.request("sync.range", call, rangeTimeoutMs);
      if (isFrame(answer)) return answer;
      const refusal = readRefusal(answer);
      const waitMs = refusal.retryAfterMs ?? 100;
      if (refusal.code !== "busy" || clock.now() + waitMs > until) {
        link.doubt(log);
        return null;
      }
      await pause(timers, waitMs);
    }
  };

  const run = async (mine: Fetching, log: LogId): Promise<boolean> => {
    const { link } = mine;
    const began = sizes.of(log);
    const until = clock.now() + runMs;
    const mayGoOn = (): boolean => fetching.get(log) === mine && (mine.waiting === 0 || clock.now() < until);
    let from = began;
    let stalled = 0;
    let next = range(link, log, from);
    while (stalled < stalledRanges && mayGoOn()) {
      const bytes = await next;
      if (bytes === null) break;
      const frame = parseFrame(bytes);
      if ("malformed" in frame || frame.log !== log || frame.from > from || frame.to <= from) {
        link.conduct.refuse("malformed");
        break;
      }
      const hasMore = mine.target > frame.to;
      if (hasMore) {
        next = range(link, log, frame.to);
        // Awaited in the next turn; a fault before that belongs to that turn.
        next.catch(() => {});
      }
      const before = sizes.of(log);
      const reply = await deps.receive(link, bytes, "range");
      if (!reply.ok) {
        if (reply.isSigned === true) deps.onApart(link, historyOf(frame));
        break;
      }
      if (reply.isBranch !== true) sizes.grew(log, reply.size, authorIn(frame.headers[0]));
      link.proves(log, frame.to);
      if (sizes.of(log) > before) mine.movedAtMs = clock.now();
      stalled = reply.size >= frame.to ? 0 : stalled + 1;
      deps.onNeed(
        link,
        (reply.need ?? []).filter((need) => need.log !== log),
      );
      if (!hasMore) break;
      from = frame.to;
    }
    const moved = sizes.of(log) - began;
    if (moved > 0) {
      events.filled(link, log, moved);
      deps.onArrived();
    }
    return moved > 0;
  };

  /** Waits while another link fetches it. True when it is this link's turn, because nothing moves there any more. */
  const waitsFor = async (running: Fetching, log: LogId): Promise<boolean> => {
    running.waiting += 1;
    await Promise.race([running.done, pause(timers, overtakeMs)]);
    running.waiting -= 1;
    return fetching.get(log) === running && clock.now() - running.movedAtMs >= overtakeMs;
  };

  const over = async (link: PeerLink, log: LogId, size: number): Promise<boolean> => {
    let moved = false;
    while (sizes.of(log) < size && link.state === "connected" && !link.isDoubted(log)) {
      const running = fetching.get(log);
      if (running?.link === link) {
        running.target = Math.max(running.target, size);
        const ranOn = await running.done;
        moved ||= ranOn;
        if (!ranOn) return moved;
        continue;
      }
      if (running !== undefined && !(await waitsFor(running, log))) continue;
      const { promise: done, resolve } = Promise.withResolvers<boolean>();
      const mine: Fetching = { link, target: size, movedAtMs: clock.now(), waiting: 0, done };
      fetching.set(log, mine);
      const ran = await run(mine, log).catch((err: unknown) => {
        events.peerFailed(link, "sync.range", err);
        return false;
      });
      if (fetching.get(log) === mine) fetching.delete(log);
      resolve(ran);
      moved ||= ran;
      // Another link that waits goes on from here; this link is asked again when heads are compared.
      if (!ran || mine.waiting > 0) return moved;
    }
    return moved;
  };

  const fetch: FetchLog["fetch"] = async (link, log, size) => {
    const author = sizes.authorOf(log) ?? link.known.get(log)?.by;
    const own = author === undefined || author === link.peer ? undefined : deps.linkOf(author);
    // Nobody has it newer, or can be held to account for it better. Where it is slow, the one that was asked goes on.
    const isFirst = own !== undefined && (own.known.get(log)?.size ?? 0) > sizes.of(log);
    const began = sizes.of(log);
    if (isFirst)
      await Promise.race([
        over(own, log, Math.min(size, own.known.get(log)?.size ?? 0)),
        pause(timers, overtakeMs),
      ]);
    return (await over(link, log, size)) || sizes.of(log) > began;
  };

  return { fetch, range, mostOf, isFetching: (log) => fetching.has(log) };
}

/** The author of entries the ledger has just accepted. */
function authorIn(header: Uint8Array | undefined): PartnerId | undefined {
  if (header === undefined) return undefined;
  return (JSON.parse(new TextDecoder().decode(header)) as { readonly by?: PartnerId }).by;
}
