/**
 * Follows the ledger by position: reads page after page until its head, then waits to be told that there is more. A lost
 * hint costs a moment and nothing else, since only positions say what was read.
 */

import { HeadNotice, type ReadReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { decodeJson } from "@handfast/bus/json";
import type { Logger } from "@handfast/bus/logger";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";

export interface Follower extends AsyncDisposable {
  /** Looks again now. */
  wake(): void;
  /** Whether the last question was answered. */
  readonly isAnswered: boolean;
}

export type FollowOptions = {
  readonly bus: Bus;
  readonly ledger: Pick<LedgerClient, "read">;
  /** Where the reader is; moves as `take` takes. */
  readonly position: () => number;
  readonly take: (reply: ReadReply) => Promise<void>;
  readonly logger?: Logger;
};

const pageEntries = 500;
/** What this node's own partner wrote mostly comes with the answer to the append: only where it does not, it is read. */
const ownMs = 25;
/** Without any hint. */
const idleMs = 2_000;
const retryFirstMs = 50;
const retryLastMs = 2_000;

export function follow({ bus, ledger, position, take, logger }: FollowOptions): Follower {
  const ended = new AbortController();
  let isAnswered = false;
  let isWoken = false;
  let wakeUp: (() => void) | null = null;
  const wake = (): void => {
    isWoken = true;
    wakeUp?.();
  };
  const pause = (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (isWoken || ended.signal.aborted) resolve();
    wakeUp = resolve;
    const timer = setTimeout(resolve, ms);
    return promise.finally(() => clearTimeout(timer));
  };

  const hints = bus.subscribe(subjects.headNotice, ({ data }) => {
    const notice = decodeJson(HeadNotice, data);
    if (!notice.ok || notice.value.position <= position()) return;
    if (notice.value.isOwn) wakeLater(notice.value.position);
    else wake();
  });
  let later: NodeJS.Timeout | null = null;
  const wakeLater = (awaited: number): void => {
    later ??= setTimeout(() => {
      later = null;
      if (position() < awaited) wake();
    }, ownMs);
  };
  const status = bus.onStatus((now) => {
    if (now === "connected") wake();
  });

  const aborted = new Promise<null>((resolve) => {
    ended.signal.addEventListener("abort", () => resolve(null), { once: true });
  });

  const read = (after: number): Promise<ReadReply | null> => {
    const reply = Promise.race([ledger.read({ after, limit: pageEntries }), aborted]);
    // The caller that awaits it gets the error; a page read ahead may never be awaited.
    reply.catch(() => undefined);
    return reply;
  };

  const loop = async (): Promise<void> => {
    let retryMs = retryFirstMs;
    let ahead: Promise<ReadReply | null> | null = null;
    while (!ended.signal.aborted) {
      isWoken = false;
      try {
        const reply = await (ahead ?? read(position()));
        ahead = null;
        if (reply === null) return;
        isAnswered = true;
        retryMs = retryFirstMs;
        const last = reply.entries.at(-1)?.position ?? reply.head;
        // The ledger looks for the next page while this one is taken.
        if (last < reply.head) ahead = read(last);
        await take(reply);
        if (ahead === null) await pause(idleMs);
      } catch (err) {
        ahead = null;
        if (isAnswered) logger?.warn({ event: "views.waits", position: position(), err });
        isAnswered = false;
        isWoken = false;
        await pause(retryMs);
        retryMs = Math.min(retryMs * 2, retryLastMs);
      }
    }
  };
  const running = loop();

  return {
    wake,
    get isAnswered() {
      return isAnswered;
    },
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      if (later !== null) clearTimeout(later);
      wake();
      status[Symbol.dispose]();
      await hints[Symbol.asyncDispose]();
      await running;
    },
  };
}
