/**
 * One link as the rest of the service sees it: whom it leads to, whether it is up, what the peer is known to hold, and
 * one way to ask, whichever side dialled. A partner that only dials out takes full part because of this.
 */

import type { PeerStatus } from "@handfast/api/messages/federation";
import { budgets } from "@handfast/protocol/budgets";
import { type CallOp, type Head, linkRules } from "@handfast/protocol/federation";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import type { Clock } from "./clock.ts";
import { type Conduct, createConduct } from "./conduct.ts";
import { createTraffic, type Traffic, type TrafficRules } from "./traffic.ts";

type LinkState = PeerStatus["state"];
/** Sends a request over the link and resolves with the peer's answer. Rejects on a timeout or when the link is down. */
type Send = (op: CallOp, data: Uint8Array, timeoutMs: number) => Promise<Uint8Array>;

export interface PeerLink {
  readonly peer: PartnerId;
  readonly name: string;
  readonly role: "host" | "dialer";
  readonly account: string;
  readonly state: LinkState;
  readonly conduct: Conduct;
  readonly traffic: Traffic;
  /** The logs and sizes last heard from the peer: claims. What it sent us counts as heard. */
  readonly known: ReadonlyMap<LogId, Pick<Head, "by" | "size">>;
  /** Up to which size a checkpoint or entries from this peer prove that it holds a log; 0 where nothing does. */
  proved(log: LogId): number;
  /** The peer claimed more of a log than it gave: for a while it is not asked for that one. */
  doubt(log: LogId): void;
  isDoubted(log: LogId): boolean;
  readonly lastHeardAt: number | null;
  readonly clockSkewMs: number | null;
  readonly serverVersion: string | null;
  /** @throws When the link is down or the peer does not answer in time; an answer may still be a refusal. */
  request(op: CallOp, data: Uint8Array, timeoutMs?: number): Promise<Uint8Array>;
  /** The peer gave a sign of life: a link that was down is up. */
  heard(): void;
  /** The peer told its time. */
  toldTime(now: number): void;
  knows(log: LogId, by: PartnerId, size: number): void;
  proves(log: LogId, size: number): void;
  /** @param why What is known of the reason, and what to do. */
  become(state: "reconnecting" | "closed", why?: string): void;
  /** Why it is not connected, where that is known. */
  readonly why: string | null;
}

export type PeerLinkDeps = {
  readonly send: Send;
  readonly serverVersion: () => string | null;
  /** Whether there is a connection at all: what was heard over one that has ended says nothing about the link. */
  readonly hasConnection: () => boolean;
  readonly clock: Clock;
  readonly traffic?: TrafficRules;
  readonly onUp: (link: PeerLink) => void;
  readonly onDown: (link: PeerLink, state: "reconnecting" | "closed") => void;
  /** Whether this node holds a log. A peer may tell of as many others as it likes; few are remembered. */
  readonly isHeld: (log: LogId) => boolean;
};

/** A link begins as `reconnecting`, or `closed` where it was closed for good. */
export function createPeerLink(
  about: {
    readonly peer: PartnerId;
    readonly name: string;
    readonly role: "host" | "dialer";
    readonly account: string;
  },
  deps: PeerLinkDeps,
): PeerLink {
  const { clock } = deps;
  const known = new Map<LogId, Pick<Head, "by" | "size">>();
  const proved = new Map<LogId, number>();
  const doubted = new Map<LogId, number>();
  let state: LinkState = "reconnecting";
  let lastHeardAt: number | null = null;
  let reason: string | null = null;
  let clockSkewMs: number | null = null;
  const link: PeerLink = {
    ...about,
    conduct: createConduct(clock),
    traffic: createTraffic(clock, deps.traffic),
    known,
    get state() {
      return state;
    },
    get lastHeardAt() {
      return lastHeardAt;
    },
    get clockSkewMs() {
      return clockSkewMs;
    },
    get serverVersion() {
      return deps.serverVersion();
    },
    request: async (op, data, timeoutMs = linkRules.requestTimeoutMs) => {
      const answer = await deps.send(op, data, timeoutMs);
      link.heard();
      return answer;
    },
    heard: () => {
      lastHeardAt = clock.now();
      if (state === "connected" || !deps.hasConnection()) return;
      reason = null;
      state = "connected";
      deps.onUp(link);
    },
    toldTime: (now) => {
      clockSkewMs = now - clock.now();
    },
    proved: (log) => proved.get(log) ?? 0,
    doubt: (log) => {
      for (const [other, until] of doubted) if (until <= clock.now()) doubted.delete(other);
      if (deps.isHeld(log) || doubted.size < budgets.link.unknownLogs)
        doubted.set(log, clock.now() + budgets.link.doubtMs);
    },
    isDoubted: (log) => {
      const until = doubted.get(log);
      if (until === undefined) return false;
      if (clock.now() < until) return true;
      doubted.delete(log);
      return false;
    },
    knows: (log, by, size) => {
      if (!known.has(log) && !deps.isHeld(log)) {
        const unheld = [...known.keys()].filter((one) => !deps.isHeld(one));
        if (unheld.length >= budgets.link.unknownLogs) return;
      }
      known.set(log, { by, size });
    },
    proves: (log, size) => {
      if (size > (proved.get(log) ?? 0)) proved.set(log, size);
    },
    get why() {
      return state === "connected" ? null : reason;
    },
    become: (next, why) => {
      reason = why ?? reason;
      if (state === next) return;
      state = next;
      deps.onDown(link, next);
    },
  };
  return link;
}
