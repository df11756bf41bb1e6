/**
 * Tells the ledger what peers hold of this partner's logs. After a start it may have to know before it signs anything, and whatever
 * a peer holds beyond it must stop it; it judges by itself what is proved.
 */
import { type PeersHeardRequest, peersHeardAtOnce } from "@handfast/api/messages/own-log";
import type { Head } from "@handfast/protocol/federation";
import type { PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Timers } from "./timers.ts";

export interface OwnLogWatch extends AsyncDisposable {
  /** A peer has told all its heads, and what it holds and we lacked was fetched. */
  heard(link: PeerLink, heads: readonly Head[]): void;
}

/** Links that were up before need about so long to come up again. */
const settlingMs = 3_000;
const whileUnsureMs = 1_000;

export function watchOwnLog(deps: {
  readonly self: PartnerId;
  readonly ledger: Pick<LedgerClient, "peersHeard">;
  /** Links that are not closed, whether or not they are up. */
  readonly count: () => number;
  readonly links: () => readonly PeerLink[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: Events;
}): OwnLogWatch {
  const { self, clock } = deps;
  const began = clock.now();
  const told = new WeakMap<PeerLink, PeersHeardRequest["peers"][number]["heads"]>();
  let isUnsure = true;
  let wasApart = false;
  let isOver = false;
  let telling: Promise<void> | null = null;
  let isAgain = false;

  const report = () => {
    const links = deps.count();
    const up = deps.links().filter(({ state }) => state === "connected");
    const peers = up.flatMap((link) => {
      const heads = told.get(link);
      return heads === undefined ? [] : [{ partner: link.peer, skewMs: link.clockSkewMs, heads }];
    });
    const hasTime = clock.now() - began < settlingMs;
    const isSettled = peers.length === up.length && (up.length >= links || !hasTime);
    return { links, peers: peers.slice(0, peersHeardAtOnce.peers), isSettled };
  };
  const tell = async (): Promise<void> => {
    try {
      do {
        isAgain = false;
        wasApart = isApart();
        const { doubt } = await deps.ledger.peersHeard(report());
        isUnsure = doubt !== null;
      } while (isAgain && !isOver);
    } catch (err) {
      // The ledger is told again at the next beat.
      if (!isOver) deps.events.ledgerFailed("peers-heard", err);
    } finally {
      telling = null;
    }
  };
  const begin = (): void => {
    isAgain = true;
    telling ??= tell();
  };
  const isApart = (): boolean =>
    deps
      .links()
      .some(({ state, clockSkewMs }) => state === "connected" && -(clockSkewMs ?? 0) > limits.futureMs);
  const beat = deps.timers.every(whileUnsureMs, () => {
    // A clock that is set must be noticed, in both directions.
    if (isUnsure || wasApart || isApart()) begin();
  });
  begin();

  return {
    heard: (link, heads) => {
      const ours = heads.filter(({ by }) => by === self).slice(0, peersHeardAtOnce.headsOfEach);
      told.set(
        link,
        ours.map(({ log, size, note }) => ({ log, size, ...(note === undefined ? {} : { note }) })),
      );
      begin();
    },
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      beat[Symbol.dispose]();
      await telling;
    },
  };
}
