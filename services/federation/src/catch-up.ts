/**
 * Comparing heads and fetching what is missing: correctness depends on this alone. One log is fetched over one link at a
 * time; while a range is verified the next one is on its way. Logs that wait for others (a parent, a sponsor) are
 * tried again as long as anything moves.
 */

import type { HeadsReply, IngestReply } from "@handfast/api/messages/ledger";
import { type Head, HeadsPage, linkRules } from "@handfast/protocol/federation";
import { parseFrame } from "@handfast/protocol/frame";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { isFrame, readAnswer, readRefusal, writeCall } from "./answers.ts";
import type { Events } from "./events.ts";
import type { Receive } from "./intake.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";
import { pause, type Timers } from "./timers.ts";

export interface CatchUp {
  /** Compares heads with one peer and fetches until nothing moves. Runs once a link at a time; asked meanwhile, it runs again. */
  reconcile(link: PeerLink, why: "up" | "timer" | "asked" | "gap" | "nudge"): Promise<void>;
  /** Fetches one log from a peer until `size` is held or nothing moves. */
  fetch(link: PeerLink, log: LogId, size: number): Promise<void>;
  /** What the ledger's answer to a live frame asks for: the gap before it, or a parent. */
  follow(link: PeerLink, at: { readonly log: LogId; readonly to: number }, reply: IngestReply): void;
  isFetching(log: LogId): boolean;
}

type Fetching = { readonly link: PeerLink; target: number; readonly done: Promise<boolean> };

const rangeTimeoutMs = 15_000;
const pagesOfHeads = 20;
const logsAtOnce = 8;
/** Rounds in which something moved; each unlocks at least one log. */
const rounds = 64;
/** Ranges in a row that were kept, but wait for parents: then others have to be fetched first. */
const stalledRanges = 3;
const busyRetries = 20;

export function createCatchUp(deps: {
  readonly net: NetworkId;
  readonly self: PartnerId;
  readonly sizes: Sizes;
  /** How many entries are taken of a log of this partner of which nothing is held. */
  readonly firstMost: (partner: PartnerId) => number;
  readonly receive: Receive;
  readonly timers: Timers;
  readonly events: Events;
  /** Something arrived whose payloads may be missing. */
  readonly onArrived: () => void;
}): CatchUp {
  const { net, sizes, events } = deps;
  const fetching = new Map<LogId, Fetching>();
  const reconciling = new Map<
    PeerLink,
    { again: boolean; isAnswer: boolean; readonly done: Promise<void> }
  >();

  /** So many entries of a log are taken by the standing of its author, who is who the peer says it is until some are held. */
  const mostOf = (link: PeerLink, log: LogId): number =>
    sizes.mostOf(log) ?? deps.firstMost(sizes.authorOf(log) ?? link.known.get(log)?.by ?? "");

  /** One range, however often the peer says it is busy. Null when it has none for us. */
  const range = async (link: PeerLink, log: LogId, from: number): Promise<Uint8Array | null> => {
    const limit = Math.min(limits.rangeEntries, mostOf(link, log) - from);
    if (limit < 1) return null;
    const call = writeCall({ net, log, from, limit });
    for (let attempt = 0; attempt < busyRetries; attempt += 1) {
      const answer = await link.request("sync.range", call, rangeTimeoutMs);
      if (isFrame(answer)) return answer;
      const refusal = readRefusal(answer);
      if (refusal.code !== "busy") return null;
      await pause(deps.timers, Math.min(refusal.retryAfterMs ?? 100, 5_000));
    }
    return null;
  };

  const run = async (link: PeerLink, log: LogId, current: () => number): Promise<boolean> => {
    const began = sizes.of(log);
    let from = began;
    let stalled = 0;
    let next = range(link, log, from);
    while (stalled < stalledRanges) {
      const bytes = await next;
      if (bytes === null) break;
      const frame = parseFrame(bytes);
      if ("malformed" in frame || frame.log !== log || frame.from > from || frame.to <= from) {
        link.conduct.refuse("malformed");
        break;
      }
      const hasMore = current() > frame.to;
      if (hasMore) {
        next = range(link, log, frame.to);
        // Awaited in the next turn; a fault before that belongs to that turn.
        next.catch(() => {});
      }
      const reply = await deps.receive(link, bytes, "range");
      if (!reply.ok) break;
      sizes.grew(log, reply.size, authorIn(frame.headers[0]));
      stalled = reply.size >= frame.to ? 0 : stalled + 1;
      for (const need of reply.need ?? []) if (need.log !== log) void fetchOne(link, need.log, need.size);
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

  /** True when it moved. */
  const fetchOne = async (link: PeerLink, log: LogId, size: number): Promise<boolean> => {
    let moved = false;
    while (sizes.of(log) < size && link.state === "connected") {
      const running = fetching.get(log);
      if (running !== undefined) {
        if (running.link === link) running.target = Math.max(running.target, size);
        const ranOn = await running.done;
        moved ||= ranOn;
        if (running.link === link && !ranOn) return moved;
        continue;
      }
      const { promise: done, resolve } = Promise.withResolvers<boolean>();
      const mine: Fetching = { link, target: size, done };
      fetching.set(log, mine);
      const ran = await run(link, log, () => mine.target).catch((err: unknown) => {
        events.peerFailed(link, "sync.range", err);
        return false;
      });
      fetching.delete(log);
      resolve(ran);
      if (!ran) return moved;
      moved = true;
    }
    return moved;
  };

  const theirHeads = async (link: PeerLink): Promise<readonly Head[]> => {
    const heads: Head[] = [];
    let after: LogId | undefined;
    for (let page = 0; page < pagesOfHeads; page += 1) {
      const call = { net, limit: linkRules.headsPage, ...(after === undefined ? {} : { after }) };
      const answer = readAnswer(HeadsPage, await link.request("sync.heads", writeCall(call)));
      if (!answer.ok) throw new Error(`the peer answered ${answer.code} to sync.heads`);
      heads.push(...answer.value.heads);
      after = answer.value.next;
      if (after === undefined) break;
    }
    for (const { log, by, size } of heads) link.knows(log, by, size);
    return heads;
  };

  /** Two heads of one size that differ: the ledger tells whether that is a fork. */
  const showDifferences = async (link: PeerLink, theirs: readonly Head[], ours: HeadsReply["logs"]) => {
    const own = new Map(ours.map((head) => [head.log, head]));
    for (const { log, size, note } of theirs) {
      const held = own.get(log);
      if (held === undefined || held.size !== size || note === undefined || !differ(held.note, note))
        continue;
      const frame = await range(link, log, size - 1);
      if (frame !== null) await deps.receive(link, frame, "range");
    }
  };

  const compare = async (link: PeerLink, isAnswer: boolean): Promise<void> => {
    if (link.conduct.pausedUntil !== null) return;
    let theirs: readonly Head[] = [];
    let ours: HeadsReply["logs"] = [];
    for (let round = 0; round < rounds && link.state === "connected"; round += 1) {
      theirs = await theirHeads(link);
      ours = await sizes.refresh();
      const behind = theirs.filter(
        ({ log, by, size }) => by !== deps.self && Math.min(size, mostOf(link, log)) > sizes.of(log),
      );
      if (behind.length === 0) break;
      if (!(await anyMoved(behind, (head) => fetchOne(link, head.log, head.size)))) break;
    }
    await showDifferences(link, theirs, ours);
    // What the peer lacks it fetches itself, once it knows. No nudge answers a nudge, or two nodes could go on forever.
    const held = new Map(theirs.map(({ log, size }) => [log, size]));
    const lacking = [...sizes.all()].filter(([log, { size }]) => size > (held.get(log) ?? 0));
    if (isAnswer || lacking.length === 0) return;
    const heads = lacking.slice(0, linkRules.nudgeHeads).map(([log, { by, size }]) => ({ by, log, size }));
    await link.request("sync.nudge", writeCall({ net, heads }));
  };

  const reconcile: CatchUp["reconcile"] = (link, why) => {
    const running = reconciling.get(link);
    if (running !== undefined) {
      running.again = true;
      running.isAnswer &&= why === "nudge";
      return running.done;
    }
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const mine = { again: true, isAnswer: why === "nudge", done };
    reconciling.set(link, mine);
    const work = async (): Promise<void> => {
      while (mine.again && link.state === "connected") {
        mine.again = false;
        await compare(link, mine.isAnswer).catch((err: unknown) => events.peerFailed(link, "reconcile", err));
        deps.onArrived();
      }
      reconciling.delete(link);
      resolve();
    };
    void work();
    return done;
  };

  return {
    reconcile,
    fetch: async (link, log, size) => {
      await fetchOne(link, log, size);
    },
    follow: (link, { log, to }, reply) => {
      if (reply.ok) {
        for (const need of reply.need ?? []) void fetchOne(link, need.log, need.size);
        return;
      }
      if (reply.code === "gap") {
        sizes.grew(log, reply.size ?? 0);
        void fetchOne(link, log, to);
      } else if (reply.code === "unknown-log" || reply.code === "busy" || reply.code === "not-yet")
        void reconcile(link, "gap");
    },
    isFetching: (log) => fetching.has(log),
  };
}

/** Runs a few at a time; true when one moved. */
async function anyMoved<T>(items: readonly T[], work: (item: T) => Promise<boolean>): Promise<boolean> {
  let index = 0;
  let moved = false;
  const worker = async () => {
    for (let item = items[index++]; item !== undefined; item = items[index++]) {
      const did = await work(item);
      moved ||= did;
    }
  };
  await Promise.all(Array.from({ length: Math.min(logsAtOnce, items.length) }, worker));
  return moved;
}

/** Whether two notes of one log tell of one size and two roots. */
function differ(ours: string, theirs: string): boolean {
  const [, ourSize, ourRoot] = ours.split("\n");
  const [, theirSize, theirRoot] = theirs.split("\n");
  return ourSize === theirSize && ourRoot !== theirRoot;
}

/** The author of entries the ledger has just accepted. */
function authorIn(header: Uint8Array | undefined): PartnerId | undefined {
  if (header === undefined) return undefined;
  return (JSON.parse(new TextDecoder().decode(header)) as { readonly by?: PartnerId }).by;
}
