/**
 * Group commit. What waits while a transaction runs shares the next one: our appends as one batch with one root and one
 * signature, foreign frames beside it. Only what is durable is answered and told, our own entries once the fence has them as well;
 * while it is synced, the next round runs.
 */

import type { AppendReply, AppendRequest, IngestReply } from "@handfast/api/messages/ledger";
import type { Frame } from "@handfast/protocol/frame";
import type { Arrival, Evidence } from "@handfast/replica/replica";
import { StorageError } from "@handfast/storage/fault";
import { type Assurance, successorsOf } from "./assurance.ts";
import type { ComposeContext } from "./compose-entries.ts";
import { isOpen } from "./doubt.ts";
import type { Events } from "./events.ts";
import { asLedgerError, LedgerError } from "./fault.ts";
import type { Served } from "./frames.ts";
import { foldAll, type Held } from "./held.ts";
import { keepRepliesMs } from "./idempotency.ts";
import type { LineStores } from "./line-store.ts";
import { installNextLog, isNextLog, isSuccessionForked, type NextLog } from "./next-log.ts";
import {
  answersOf,
  composeBatch,
  keptReplies,
  type OwnBatch,
  type RecalledAppend,
  recallAll,
  type WaitingAppend,
} from "./own-batch.ts";
import type { Fences } from "./own-fence.ts";
import type { OwnLog } from "./own-log.ts";
import { createProver } from "./prove-forks.ts";
import type { Quota } from "./quota.ts";
import { doubtOfFrames, receiveFrames, replyTo, takeFrames, type WaitingFrame } from "./receive-frames.ts";
import { foreignRun, ownRuns } from "./runs-of-round.ts";
import { createSealing } from "./sealing.ts";
import { writeRuns } from "./write-runs.ts";

/** What became durable in one piece, with the position of its first entry. */
export type Durable = Arrival & { readonly position: number; readonly isOwn: boolean };

export type RoundsDeps = {
  readonly stores: LineStores;
  readonly own: OwnLog;
  readonly assurance: Assurance;
  readonly served: Served;
  readonly say: Events;
  readonly quota: Quota;
  readonly now: () => number;
  readonly salt?: ComposeContext["salt"];
  readonly readHeld: () => Promise<Held>;
  /** Where the next log's key and fence go. */
  readonly installing: { readonly dir: string; readonly fences: Fences };
  readonly tell: (durable: readonly Durable[]) => void;
};

export interface Rounds extends AsyncDisposable {
  append(request: AppendRequest): Promise<AppendReply>;
  /** Writes what proves a fork, where one is known and nothing held proves it yet. */
  proveForks(evidence?: readonly Evidence[]): void;
  /** @param bytes Size of the frame as it came. */
  ingest(frame: Frame, bytes: number): Promise<IngestReply>;
  /** Runs a write of the node store when no other is under way. */
  exclusively<Answer>(work: () => Answer | Promise<Answer>): Promise<Answer>;
  /** Opens our next log, composed when no other write is under way; or answers why `compose` could not. */
  openNext<Refused>(compose: (held: Held) => NextLog | Refused): Promise<NextLog | Refused>;
  readonly held: Held;
  readonly writing: "open" | "held" | "disk-full" | "fatal";
  /** Stops all writing for good. */
  fail(error: unknown): void;
  /** Resolves when writing has stopped for good; then the process should end. */
  readonly fatal: Promise<LedgerError>;
}

const mostWaitingFrames = 256;
const forgetEveryMs = 3_600_000;
const noRoom: IngestReply = { ok: false, code: "busy", detail: "the disk is full" };
const stopped: IngestReply = { ok: false, code: "internal", detail: "the ledger has stopped" };

export function createRounds(deps: RoundsDeps, first: Held): Rounds {
  const { stores, own: ownLog, assurance, served, say, now, quota } = deps;
  const { node } = stores;
  const fatal = Promise.withResolvers<LedgerError>();
  const appends: WaitingAppend[] = [];
  const frames: WaitingFrame[] = [];
  const tasks: (() => Promise<void>)[] = [];
  let held = first;
  let sealing = createSealing(held.replica, ownLog);
  let writing: "open" | "disk-full" | "fatal" = "open";
  /** What is durable in the stores and waits for the fence, in order. */
  let telling: Promise<void> = Promise.resolve();
  let running: Promise<void> | null = null;
  let forgottenAtMs = 0;

  /** Makes one round's entries durable, then tells of them. */
  const settle = async (own: OwnBatch, arrivals: readonly Arrival[], nowMs: number): Promise<void> => {
    const { identity } = ownLog;
    const runs = [...ownRuns(own, identity), ...arrivals.map(foreignRun)];
    if (runs.length === 0) return;
    const answers = answersOf(own, node.head + 1, held.replica);
    const replies = keptReplies(own, answers, nowMs);
    const { positions } = await writeRuns({ runs, replies }, { stores, held, sealing });

    const { ownEdge } = sealing;
    if (ownEdge === null) throw new Error("our own log is durable, and not proved");
    const { log, partner: by } = identity;
    const entries = own.entries.map(({ entry }) => entry);
    const ours: readonly Arrival[] =
      entries.length === 0
        ? []
        : [{ line: log, log, by, base: null, from: ownEdge.size - entries.length, entries, edge: ownEdge }];
    let fenced: Promise<void> = Promise.resolve();
    if (ours.length > 0) {
      if (ownLog.fence === null) throw new Error("our own log was written without its fence");
      held.replica.setEdge(log, ownEdge);
      fenced = ownLog.fence.set({ log, size: ownEdge.size, root: sealing.ownRoot });
    }
    for (const { line, log: forked, by: author, base } of arrivals)
      if (base !== null) say.forkFound(forked, author, base.size, line);
    const durable = [...ours, ...arrivals].map((arrival, index) => ({
      ...arrival,
      position: positions[index] as number,
      isOwn: arrival.line === log,
    }));
    tellOnce(
      fenced,
      () => {
        serve(durable);
        for (const [index, { answer }] of own.appends.entries()) answer(answers[index] as AppendReply);
      },
      () => {
        for (const { answer } of own.appends) answer({ ok: false, code: "outcome-unknown" });
      },
    );
    if (arrivals.some(({ line }) => line === log)) {
      sealing = createSealing(held.replica, ownLog);
      await assurance.reconsider();
    }
  };

  /** In the order of becoming durable: what comes later is never told earlier. */
  const tellOnce = (fenced: Promise<void>, tell: () => void, orElse: () => void): void => {
    telling = Promise.all([telling, fenced]).then(tell, (error: unknown) => {
      fail(error);
      orElse();
    });
  };
  const serve = (durable: readonly Durable[]): void => {
    for (const { line, edge } of durable) {
      const known = held.replica.logs.get(line);
      if (known !== undefined) served.set(line, { known, edge });
    }
    deps.tell(durable);
  };

  /** What was answered before may still wait for its fence: a retry is not told earlier. */
  const inOrder = ({ waiting, recalled }: RecalledAppend): RecalledAppend => {
    if (recalled === null) return { waiting, recalled };
    const before = telling;
    return {
      waiting: { ...waiting, answer: (reply) => void before.then(() => waiting.answer(reply)) },
      recalled,
    };
  };

  /** Where a frame shows that our log was written or continued elsewhere, nothing of ours is signed any more. */
  const heedOwnFrames = (arrived: readonly Frame[], nowMs: number): void => {
    const found = doubtOfFrames(arrived, held.replica, ownLog.identity, nowMs);
    if (found !== null && (assurance.doubt === null || isOpen(assurance.doubt) || found.code === "forked"))
      assurance.raise(found);
  };
  const heedSuccessors = (arrivals: readonly Arrival[]): void => {
    const { partner, log } = ownLog.identity;
    const hasOpened = arrivals.some(({ by, from }) => by === partner && from === 0);
    if (!hasOpened) return;
    if (successorsOf(held.replica.logs.values(), log).length > 0) assurance.raise({ code: "superseded" });
    else if (isSuccessionForked(held, ownLog.identity)) assurance.raise({ code: "forked" });
  };

  const round = async (): Promise<void> => {
    const nowMs = now();
    const waitingNow = appends.splice(0);
    let asked: RecalledAppend[];
    try {
      asked = node.together(() => recallAll(node, waitingNow, nowMs)).map(inOrder);
    } catch (error) {
      for (const { answer } of waitingNow) answer({ ok: false, code: "fatal" });
      throw error;
    }
    const taken = takeFrames(frames);
    if (writing === "disk-full") {
      if (!node.hasRoom()) {
        for (const { waiting, recalled } of asked)
          waiting.answer(recalled ?? { ok: false, code: "disk-full" });
        for (const { answer } of taken) answer(noRoom);
        return;
      }
      writing = "open";
      say.roomFound();
    }
    let own: OwnBatch | null = null;
    try {
      const arrived = taken.map(({ frame }) => frame);
      heedOwnFrames(arrived, nowMs);
      const { identity } = ownLog;
      const unsure = assurance.refusal();
      const batch = node.together(() =>
        composeBatch(asked, { held, identity, nowMs, head: node.head, salt: deps.salt, unsure }),
      );
      own = batch;
      appends.unshift(...batch.left);
      const { outcomes, arrivals, evidence } = node.together(() =>
        receiveFrames(arrived, held, identity, quota, nowMs),
      );
      node.together(() => {
        for (const arrival of arrivals) foldAll(held, arrival);
      });
      await settle(batch, arrivals, nowMs);
      prover.prove(held, evidence);
      heedSuccessors(arrivals);
      const replies = outcomes.map(replyTo);
      const answerAll = (): void => {
        for (const [index, { frame, answer }] of taken.entries()) {
          const reply = replies[index] as IngestReply;
          if (!reply.ok) say.frameRefused(frame.log, reply.code, reply.detail ?? "");
          answer(reply);
        }
      };
      tellOnce(Promise.resolve(), answerAll, () => {
        for (const { answer } of taken) answer(stopped);
      });
      if (forgottenAtMs < nowMs - forgetEveryMs) {
        forgottenAtMs = nowMs;
        node.forgetRepliesBefore(nowMs - keepRepliesMs);
      }
    } catch (error) {
      const isFull = error instanceof StorageError && error.code === "disk-full";
      const unanswered = own?.appends ?? asked.map(({ waiting }) => waiting);
      for (const { answer } of unanswered)
        answer({ ok: false, code: isFull ? "disk-full" : "outcome-unknown" });
      for (const { answer } of taken) answer(isFull ? noRoom : stopped);
      if (!isFull) return fail(error);
      writing = "disk-full";
      say.diskFilled(error);
      // Memory is ahead of what is stored: storage is the truth.
      await readAgain();
    }
  };
  const readAgain = async (): Promise<void> => {
    held = await deps.readHeld();
    sealing = createSealing(held.replica, ownLog);
  };

  const append = (request: AppendRequest): Promise<AppendReply> =>
    new Promise((answer) => {
      if (writing === "fatal") return answer({ ok: false, code: "fatal" });
      appends.push({ request, answer });
      running ??= run();
    });
  const prover = createProver({
    net: ownLog.identity.net,
    node,
    say,
    now,
    maySign: () => assurance.refusal() === null,
    append,
  });

  const run = async (): Promise<void> => {
    while (appends.length + frames.length + tasks.length > 0 && writing !== "fatal") {
      // What has arrived by now shares this round.
      await new Promise(setImmediate);
      for (const task of tasks.splice(0)) await task();
      await round().catch(fail);
    }
    for (const task of tasks.splice(0)) await task();
    running = null;
    for (const { answer } of appends.splice(0)) answer({ ok: false, code: "fatal" });
    for (const { answer } of frames.splice(0)) answer(stopped);
  };
  const fail = (error: unknown): void => {
    if (writing === "fatal") return;
    writing = "fatal";
    const known = asLedgerError(error);
    const fault =
      known instanceof LedgerError && known.code === "fatal"
        ? known
        : new LedgerError("fatal", "the ledger cannot be sure what it wrote", { cause: error });
    say.becameFatal(fault);
    fatal.resolve(fault);
  };

  const exclusively: Rounds["exclusively"] = (work) =>
    new Promise((resolve, reject) => {
      tasks.push(async () => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        }
      });
      running ??= run();
    });

  return {
    append,
    proveForks: (evidence = []) => prover.prove(held, evidence),
    ingest: (frame, bytes) =>
      new Promise((answer) => {
        if (writing === "fatal") return answer(stopped);
        if (frames.length >= mostWaitingFrames)
          return answer({ ok: false, code: "busy", detail: "too many frames wait" });
        frames.push({ frame, bytes, answer });
        running ??= run();
      }),
    exclusively,
    openNext: (compose) =>
      exclusively(async () => {
        const next = compose(held);
        if (!isNextLog(next)) return next;
        try {
          const durable = await installNextLog(next, {
            ...deps.installing,
            stores,
            own: ownLog,
            held,
            sealing,
          });
          sealing = createSealing(held.replica, ownLog);
          assurance.clear();
          tellOnce(
            Promise.resolve(),
            () => serve([durable]),
            () => {},
          );
          return next;
        } catch (error) {
          if (!(error instanceof StorageError && error.code === "disk-full")) fail(error);
          else await readAgain();
          throw error;
        }
      }),
    get held() {
      return held;
    },
    get writing() {
      return writing === "open" && assurance.doubt !== null ? "held" : writing;
    },
    fail,
    fatal: fatal.promise,
    [Symbol.asyncDispose]: async () => {
      while (running !== null) await running;
      await telling;
    },
  };
}
