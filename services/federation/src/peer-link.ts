/**
 * One link as the rest of the service sees it: whom it leads to, whether it is up, what the peer is known to hold, and
 * one way to ask, whichever side dialled. A partner that only dials out takes full part because of this.
 */

import type { PeerStatus } from "@handfast/api/messages/federation";
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
  /** The logs and sizes last heard from the peer; what it sent us counts as heard. */
  readonly known: ReadonlyMap<LogId, Pick<Head, "by" | "size">>;
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
  become(state: "reconnecting" | "closed"): void;
}

/** A hostile peer may tell of as many logs as it likes; so many are remembered. */
const knownLogs = 10_000;

export type PeerLinkDeps = {
  readonly send: Send;
  readonly serverVersion: () => string | null;
  readonly clock: Clock;
  readonly traffic?: TrafficRules;
  readonly onUp: (link: PeerLink) => void;
  readonly onDown: (link: PeerLink, state: "reconnecting" | "closed") => void;
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
  let state: LinkState = "reconnecting";
  let lastHeardAt: number | null = null;
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
      if (state === "connected") return;
      state = "connected";
      deps.onUp(link);
    },
    toldTime: (now) => {
      clockSkewMs = now - clock.now();
    },
    knows: (log, by, size) => {
      if (known.has(log) || known.size < knownLogs) known.set(log, { by, size });
    },
    become: (next) => {
      if (state === next) return;
      state = next;
      deps.onDown(link, next);
    },
  };
  return link;
}
