/**
 * Fetching a history of a log that parts from what is held: its author signed several. Where it parts is found by halving, since
 * a range is taken by the ledger only where everything before it is the same; from there on it is fetched like any log. Nothing is
 * believed that does not fit what the author signed, so a peer that only pretends wastes a few calls, and that counts against it.
 */
import { toB64u } from "@handfast/protocol/bytes";
import { type Frame, parseFrame } from "@handfast/protocol/frame";
import type { Hash, LogId, NetworkId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { notNow } from "@handfast/protocol/refusals";
import { leafHash } from "@handfast/tlog/tree";
import { isFrame, readRefusal, writeCall } from "./answers.ts";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { Receive } from "./intake.ts";
import type { PeerLink } from "./peer-link.ts";

/** A history of a log: that which has this entry at its end. */
export type History = { readonly log: LogId; readonly size: number; readonly tip: Hash };

/** The history that a frame is of. */
export const historyOf = ({ log, to, headers }: Pick<Frame, "log" | "to" | "headers">): History => ({
  log,
  size: to,
  tip: toB64u(leafHash(headers.at(-1) ?? new Uint8Array())),
});

/** `lacking`: the peer says that it does not have it. `nothing`: nothing of it was new, or not taken or given now. */
export type Fetched = "moved" | "lacking" | "nothing";

export interface Branches {
  /** Fetches a history from a peer that has it. Once a history and link at a time. */
  fetch(link: PeerLink, history: History): Promise<Fetched>;
}

const comesLater: ReadonlySet<string> = notNow;
const rangeTimeoutMs = 15_000;
/** All of one fetch: what is left then is fetched when heads are compared again. */
const fetchMs = 60_000;
/** Enough to halve the longest log there can be. */
const mostProbes = 40;

export function createBranches(deps: {
  readonly net: NetworkId;
  /** How many entries of this log are taken by its author's standing. */
  readonly mostOf: (link: PeerLink, log: LogId) => number;
  readonly receive: Receive;
  readonly clock: Clock;
  readonly events: Events;
  readonly onArrived: () => void;
  /** Parents that are missing. */
  readonly onNeed: (link: PeerLink, needs: readonly History[]) => void;
}): Branches {
  const { net, clock, events } = deps;
  const running = new Map<string, Promise<Fetched>>();

  /** Asks for one range of a history and gives it to the ledger. */
  const take = async (link: PeerLink, { log, size, tip }: History, from: number, limit: number) => {
    const call = writeCall({ net, log, from, limit, tip: { seq: size - 1, hash: tip } });
    const bytes = await link.request("sync.range", call, rangeTimeoutMs);
    if (!isFrame(bytes)) return comesLater.has(readRefusal(bytes).code) ? "nothing" : "lacking";
    const frame = parseFrame(bytes);
    if ("malformed" in frame || frame.log !== log || frame.from !== from || frame.to <= from) {
      link.conduct.refuse("malformed");
      return "lacking";
    }
    return { to: frame.to, reply: await deps.receive(link, bytes, "branch") };
  };

  const run = async (link: PeerLink, history: History): Promise<Fetched> => {
    const until = clock.now() + fetchMs;
    const end = Math.min(history.size, deps.mostOf(link, history.log));
    let moved = false;
    // Below `same` everything is held as the peer has it; at `other`, if it lies below the end, something before it differs.
    let [same, other] = [0, end];
    for (let probe = 0; same < other && probe < mostProbes && clock.now() < until; probe += 1) {
      const middle = same + Math.floor((other - same) / 2);
      const taken = await take(link, history, middle, 1);
      if (typeof taken === "string") return moved ? "moved" : taken;
      const { reply, to } = taken;
      if (reply.ok) {
        moved ||= reply.accepted + reply.pending > 0;
        same = to;
      } else if (reply.code === "gap" || (reply.code === "bad-checkpoint" && reply.isSigned === true))
        other = middle;
      else return moved ? "moved" : "nothing";
    }
    for (let from = same; from < end && clock.now() < until; ) {
      const taken = await take(link, history, from, Math.min(limits.rangeEntries, end - from));
      if (typeof taken === "string") return moved ? "moved" : taken;
      if (!taken.reply.ok) {
        // It was the peer's own history, and still does not fit: what it sent is not what the author signed.
        if (taken.reply.code === "bad-checkpoint") link.conduct.refuse("bad-checkpoint");
        break;
      }
      const { reply, to } = taken;
      moved ||= reply.accepted + reply.pending > 0;
      const needs = (reply.need ?? []).filter(({ log }) => log !== history.log);
      deps.onNeed(link, needs);
      from = to;
    }
    if (moved) deps.onArrived();
    return moved ? "moved" : "nothing";
  };

  return {
    fetch: (link, history) => {
      const key = `${link.account} ${history.log} ${history.tip}`;
      const known = running.get(key);
      if (known !== undefined) return known;
      const done = run(link, history)
        .catch((err: unknown): Fetched => {
          events.peerFailed(link, "sync.range", err);
          return "nothing";
        })
        .finally(() => running.delete(key));
      running.set(key, done);
      return done;
    },
  };
}
