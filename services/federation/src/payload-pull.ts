/**
 * Payloads that this node may have and lacks: asked for after every arrival, of the author where it is reachable, else of
 * a peer that holds the header. What nobody had is asked for again later; until then read models say so.
 */
import type { MissingPayloadsReply } from "@handfast/api/messages/ledger";
import { PayloadGetReply } from "@handfast/protocol/federation";
import { type NetworkId, type Ref, splitRef } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import { readAnswer, writeCall } from "./answers.ts";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";
import type { Timers } from "./timers.ts";

export interface PayloadPull extends Disposable {
  /** Something arrived, or a link came up: look for missing payloads, now or when the present look is over. */
  wanted(): void;
  /** Somebody was admitted: what was refused before may be given now. */
  wantedAnew(): void;
}

/** Texts that come together are asked for, and stored, together: each time costs a call and a write to the disk. */
const gatherMs = 10;
const firstWaitMs = 100;
const lastWaitMs = 30_000;
const getTimeoutMs = 15_000;
/** Pages of missing texts that one look goes through: bounds what is remembered of attempts. */
const pagesAtOnce = 64;

export function createPayloadPull(deps: {
  readonly net: NetworkId;
  readonly ledger: LedgerClient;
  readonly links: () => readonly PeerLink[];
  readonly sizes: Sizes;
  /** Whether this node's own partner is a member. */
  readonly isActive: () => boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: Events;
}): PayloadPull {
  const { ledger, sizes, clock, timers, events } = deps;
  const tried = new Map<Ref, { readonly attempts: number; readonly dueAt: number }>();
  let isLooking = false;
  let again = false;
  let gathering: Disposable | undefined;
  let isOver = false;
  let timer: Disposable | undefined;

  /** Peers worth asking for one payload: its author first, then peers that hold the header; a different one each time. */
  const choose = (ref: Ref): PeerLink | undefined => {
    const { log, seq } = splitRef(ref);
    const up = deps.links().filter((link) => link.state === "connected" && link.conduct.pausedUntil === null);
    const author = up.filter((link) => link.peer === sizes.authorOf(log));
    const holders = up.filter((link) => !author.includes(link) && (link.known.get(log)?.size ?? 0) > seq);
    const candidates = [...author, ...holders];
    return candidates[(tried.get(ref)?.attempts ?? 0) % Math.max(1, candidates.length)];
  };

  const postpone = (ref: Ref): void => {
    const attempts = (tried.get(ref)?.attempts ?? 0) + 1;
    tried.set(ref, {
      attempts,
      dueAt: clock.now() + Math.min(lastWaitMs, firstWaitMs * 2 ** (attempts - 1)),
    });
  };

  /** Asks one peer; answers how many payloads were kept. What did not come is postponed. */
  const get = async (link: PeerLink, refs: readonly Ref[]): Promise<number> => {
    try {
      const call = writeCall({ net: deps.net, refs });
      const answer = readAnswer(PayloadGetReply, await link.request("payload.get", call, getTimeoutMs));
      const wanted = new Set(refs);
      const answered = answer.ok ? answer.value.payloads.filter(({ ref }) => wanted.has(ref)) : [];
      const held = answered.flatMap((one) => ("body" in one ? [one] : []));
      const kept =
        held.length === 0 ? { kept: 0, refused: [] } : await ledger.keepPayloads({ payloads: held });
      for (const { code } of kept.refused) link.conduct.refuse(code);
      const refused = new Set(kept.refused.map(({ ref }) => ref));
      const got = new Set(held.map(({ ref }) => ref).filter((ref) => !refused.has(ref)));
      // An answer may end early; what it did not speak of is asked for in the next round.
      const unspoken = answer.ok && got.size > 0 ? new Set(answered.map(({ ref }) => ref)) : wanted;
      for (const ref of refs) {
        if (got.has(ref)) tried.delete(ref);
        else if (unspoken.has(ref)) postpone(ref);
      }
      return got.size;
    } catch (err) {
      events.peerFailed(link, "payload.get", err);
      refs.forEach(postpone);
      return 0;
    }
  };

  /** The oldest that are due. What nobody has, however much of it, does not stand before what came later. */
  const due = async (): Promise<readonly Ref[]> => {
    const found: Ref[] = [];
    const still = new Set<Ref>();
    const now = clock.now();
    let after: number | null = 0;
    for (let page = 0; after !== null && page < pagesAtOnce && found.length < limits.payloadRefs; page += 1) {
      const { refs, next }: MissingPayloadsReply = await ledger.missingPayloads({
        after,
        limit: limits.payloadRefs,
      });
      for (const ref of refs) still.add(ref);
      found.push(...refs.filter((ref) => (tried.get(ref)?.dueAt ?? 0) <= now));
      after = next;
    }
    if (after === null) for (const ref of tried.keys()) if (!still.has(ref)) tried.delete(ref);
    return found.slice(0, limits.payloadRefs);
  };

  const lookOnce = async (): Promise<number> => {
    const byLink = new Map<PeerLink, Ref[]>();
    for (const ref of await due()) {
      const link = choose(ref);
      if (link === undefined) postpone(ref);
      else byLink.set(link, [...(byLink.get(link) ?? []), ref]);
    }
    const kept = await Promise.all([...byLink].map(([link, refs]) => get(link, refs)));
    return kept.reduce((sum, count) => sum + count, 0);
  };

  const look = async (): Promise<void> => {
    // Nobody gives texts to somebody who is not a member.
    if (!deps.isActive()) return;
    if (isLooking) {
      again = true;
      return;
    }
    isLooking = true;
    try {
      do {
        again = false;
        while (!isOver && (await lookOnce()) > 0);
      } while (again && !isOver);
    } catch (err) {
      events.ledgerFailed("payloads", err);
    }
    isLooking = false;
    scheduleNext();
  };

  const scheduleNext = (): void => {
    timer?.[Symbol.dispose]();
    if (isOver || tried.size === 0) return;
    const dueAt = Math.min(...[...tried.values()].map((one) => one.dueAt));
    timer = timers.after(Math.max(10, dueAt - clock.now()), () => void look());
  };

  const wanted = (): void => {
    if (isOver) return;
    gathering ??= timers.after(gatherMs, () => {
      gathering = undefined;
      void look();
    });
  };
  return {
    wanted,
    wantedAnew: () => {
      tried.clear();
      wanted();
    },
    [Symbol.dispose]: () => {
      isOver = true;
      gathering?.[Symbol.dispose]();
      timer?.[Symbol.dispose]();
    },
  };
}
