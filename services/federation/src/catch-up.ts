/**
 * Comparing heads and fetching what is missing: correctness depends on this alone. Logs that wait for others (a parent, a
 * sponsor) are tried again as long as anything moves.
 */

import type { CompareReply, CompareRequest, HeadsReply, IngestReply } from "@handfast/api/messages/ledger";
import { budgets } from "@handfast/protocol/budgets";
import { type Head, HeadsPage, linkRules } from "@handfast/protocol/federation";
import { parseFrame } from "@handfast/protocol/frame";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import type { z } from "zod";
import { readAnswer, writeCall } from "./answers.ts";
import { createBranches, type History, historyOf } from "./branches.ts";
import type { Clock } from "./clock.ts";
import { createCompareAgain } from "./compare-again.ts";
import type { Events } from "./events.ts";
import { createFetchLog } from "./fetch-log.ts";
import type { Receive } from "./intake.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";
import type { Timers } from "./timers.ts";

export interface CatchUp extends Disposable {
  /** Compares heads with one peer and fetches until nothing moves. Runs once a link at a time; asked meanwhile, it runs again. */
  reconcile(link: PeerLink, why: "up" | "timer" | "asked" | "gap" | "nudge" | "again"): Promise<void>;
  /** Fetches one log from a peer until `size` is held or nothing moves. */
  fetch(link: PeerLink, log: LogId, size: number): Promise<void>;
  /** What the ledger's answer to a live frame asks for: the gap before it, or a parent. */
  follow(link: PeerLink, at: { readonly log: LogId; readonly to: number }, reply: IngestReply): void;
  /** A peer could not be told of something new: heads are compared with it in a while. */
  untold(link: PeerLink): void;
  /** A frame came that its author signed, and that does not follow from what is held. */
  apart(link: PeerLink, frame: Uint8Array): void;
  isFetching(log: LogId): boolean;
}

type CompareHeads = z.infer<typeof CompareRequest>["heads"];

const pagesOfHeads = 20;
const logsAtOnce = 8;
/** Each costs the ledger a signature. */
const provedAtOnce = 64;
/** Rounds in which something moved; each unlocks at least one log. */
const rounds = 64;
export function createCatchUp(deps: {
  readonly net: NetworkId;
  readonly sizes: Sizes;
  /** How many entries are taken of a log of this partner of which nothing is held. */
  readonly firstMost: (partner: PartnerId) => number;
  /** The link with a partner that is up. */
  readonly linkOf: (partner: PartnerId) => PeerLink | undefined;
  /** How far the notes of these heads prove them. */
  readonly prove: (
    heads: readonly { readonly log: LogId; readonly note: string }[],
  ) => Promise<readonly number[]>;
  /** How histories that a peer has compare with those held here. */
  readonly compare: (heads: CompareHeads) => Promise<z.infer<typeof CompareReply>["heads"]>;
  /** Called for a peer that has just been paused. */
  readonly onPaused: (link: PeerLink) => void;
  readonly receive: Receive;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: Events;
  /** Something arrived whose payloads may be missing. */
  readonly onArrived: () => void;
  /** A peer told all its heads, and what of them could be fetched is held. */
  readonly onCompared: (link: PeerLink, heads: readonly Head[]) => void;
}): CatchUp {
  const { net, sizes, events } = deps;
  const onNeed = (link: PeerLink, needs: readonly History[]): void => {
    for (const need of needs) void needed(link, need).catch((err: unknown) => events.failed("need", err));
  };
  const onApart = (link: PeerLink, history: History): void => {
    void apart(link, history).catch((err: unknown) => events.failed("apart", err));
  };
  const { fetch, mostOf, isFetching } = createFetchLog({ ...deps, onNeed, onApart });
  const branches = createBranches({ ...deps, mostOf, onNeed });
  const isHeldHere = async (history: History): Promise<boolean> =>
    (await deps.compare([history])).every((is) => is === "held");
  /** Fetches a parent, on whatever history of its log it stands. */
  const needed = async (link: PeerLink, need: History): Promise<void> => {
    // What somebody needs is taken whatever the standing of its author: that is known since just now.
    if (sizes.of(need.log) > 0 && mostOf(link, need.log) < need.size) await sizes.refresh();
    await fetch(link, need.log, need.size);
    if (sizes.of(need.log) < need.size || (await isHeldHere(need))) return;
    await branches.fetch(link, need);
  };
  /** Another history, or headers that its author never signed: the peer that sent it must have the rest of it. */
  const apart = async (link: PeerLink, history: History): Promise<void> => {
    // What this node takes no more of, or a peer gives no more of now, is nobody's fault: honest peers pass on what others signed.
    if ((await branches.fetch(link, history)) !== "lacking" || (await isHeldHere(history))) return;
    if (link.conduct.refuse("bad-checkpoint")) deps.onPaused(link);
  };
  const reconciling = new Map<
    PeerLink,
    { again: boolean; isAnswer: boolean; readonly done: Promise<void> }
  >();

  /** Of what a peer claims beyond what is held here, which is signed by the logs' authors: only that is shown. */
  const proveThem = async (link: PeerLink, heads: readonly Head[]): Promise<void> => {
    const claims = heads.flatMap(({ log, size, note }) =>
      note !== undefined && sizes.of(log) > 0 && size > Math.max(sizes.of(log), link.proved(log))
        ? [{ log, note }]
        : [],
    );
    if (claims.length === 0) return;
    const some = claims.slice(0, provedAtOnce);
    for (const [index, size] of (await deps.prove(some)).entries()) link.proves(some[index]?.log ?? "", size);
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
    await proveThem(link, heads);
    return heads;
  };

  /** Histories of the peer that are not held here: their authors signed several, and an entry that names one needs it. */
  const fetchBranches = async (link: PeerLink, theirs: readonly Head[], ours: HeadsReply["logs"]) => {
    // A history may be held up to less than its note proves.
    const nameOf = (log: LogId, size: number, note: string): string => `${log} ${size} ${headIn(note)}`;
    const same = new Set(ours.map(({ log, size, note }) => nameOf(log, size, note)));
    const asked = theirs.flatMap(({ log, size, note, tip }) =>
      note === undefined || tip === undefined || same.has(nameOf(log, size, note))
        ? []
        : [{ log, size, note, tip }],
    );
    for (let from = 0; from < asked.length; from += linkRules.headsPage) {
      const some = asked.slice(from, from + linkRules.headsPage);
      const compared = await deps.compare(some);
      for (const [index, is] of compared.entries()) {
        const head = some[index];
        if (head === undefined || sizes.of(head.log) === 0) continue;
        if (is === "apart" || (is === "ahead" && mostOf(link, head.log) > sizes.of(head.log)))
          await branches.fetch(link, head);
      }
    }
  };

  const isHeld = ({ log }: Head): boolean => sizes.of(log) > 0;
  const isBehind =
    (link: PeerLink) =>
    ({ log, size }: Head): boolean =>
      Math.min(size, mostOf(link, log)) > sizes.of(log);

  /** False where the peer has something that should be held here and is not. */
  const compare = async (link: PeerLink, isAnswer: boolean): Promise<boolean> => {
    if (link.conduct.pausedUntil !== null) return true;
    let theirs: readonly Head[] = [];
    let ours: HeadsReply["logs"] = [];
    for (let round = 0; round < rounds && link.state === "connected"; round += 1) {
      theirs = await theirHeads(link);
      ours = await sizes.refresh();
      const wanted = theirs.filter(isBehind(link)).filter(({ log }) => !link.isDoubted(log));
      const [held, unheld] = [wanted.filter(isHeld), wanted.filter((head) => !isHeld(head))];
      const behind = [...held, ...unheld.slice(0, budgets.link.unknownLogs)];
      if (behind.length === 0) break;
      if (!(await anyMoved(behind, (head) => fetch(link, head.log, head.size)))) break;
    }
    await fetchBranches(link, theirs, ours);
    deps.onCompared(link, theirs);
    // What the peer lacks it fetches itself, once it knows. No nudge answers a nudge, or two nodes could go on forever.
    const held = new Map(theirs.map(({ log, size }) => [log, size]));
    const lacking = [...sizes.all()].filter(([log, { size }]) => size > (held.get(log) ?? 0));
    if (!isAnswer && lacking.length > 0) {
      const heads = lacking.slice(0, linkRules.nudgeHeads).map(([log, { by, size }]) => ({ by, log, size }));
      await link.request("sync.nudge", writeCall({ net, heads }));
    }
    return !theirs.some(isBehind(link));
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
        const isWhole = await compare(link, mine.isAnswer).catch((err: unknown) => {
          events.peerFailed(link, "reconcile", err);
          return false;
        });
        if (isWhole) again.settled(link);
        else again.later(link);
        deps.onArrived();
      }
      reconciling.delete(link);
      resolve();
    };
    void work();
    return done;
  };

  const again = createCompareAgain(deps.timers, (link) => void reconcile(link, "again"));

  return {
    reconcile,
    untold: again.later,
    [Symbol.dispose]: again[Symbol.dispose],
    fetch: async (link, log, size) => {
      await fetch(link, log, size);
    },
    follow: (link, { log, to }, reply) => {
      if (reply.ok) {
        onNeed(link, reply.need ?? []);
        return;
      }
      if (reply.code === "gap") {
        sizes.grew(log, reply.size ?? 0);
        void fetch(link, log, to);
      } else if (reply.code === "unknown-log" || reply.code === "busy" || reply.code === "not-yet")
        void reconcile(link, "gap");
    },
    apart: (link, frame) => {
      const parsed = parseFrame(frame);
      if (!("malformed" in parsed)) onApart(link, historyOf(parsed));
    },
    isFetching,
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

/** Size and root of a note. */
const headIn = (note: string): string => note.split("\n").slice(1, 3).join(" ");
