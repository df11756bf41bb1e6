/**
 * Appends what a node owes (docs/decisions/0006): looked for after every change and once at the start, with keys made from
 * what caused it, so that neither a restart nor a second process does it twice.
 */

import type { Logger } from "@handfast/bus/logger";
import { type Owed, owedIn } from "@handfast/domain/follow-ups";
import type { WholeView } from "@handfast/domain/whole";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import type { Ref } from "@handfast/protocol/ids";
import type { Views } from "@handfast/views/views";
import { decideAndAppend } from "./deciding.ts";

export type FollowUps = {
  readonly views: Views;
  readonly logger?: Logger;
  readonly now?: () => number;
};

const retryFirstMs = 100;
const retryLastMs = 10_000;
const catchUpMs = 10_000;

export function startFollowUps({ views, logger, now = Date.now }: FollowUps): AsyncDisposable {
  /** Subjects to look at; null: all of them. */
  let waiting: Set<string> | null = null;
  let isEnded = false;
  let retryMs = retryFirstMs;
  let retry: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;

  const perform = async ({ cause, decide }: Owed, view: WholeView): Promise<void> => {
    const key = toB64u(labelledHash("handfast/follow-up/v1", cause));
    const occurredAt = timeOf(cause, view);
    const timed = occurredAt === undefined ? {} : { occurredAt };
    const decided = await decideAndAppend({ decide, key, request: key, ...timed }, { views, now });
    if (!decided.ok) {
      logger?.info({ event: "follow-up.refused", cause, code: decided.code });
      if (worthRetrying.has(decided.code)) throw new Error(`could not follow up: ${decided.code}`);
      return;
    }
    logger?.info({ event: "follow-up.done", cause, refs: decided.refs });
    await views.caughtUp(decided.position, catchUpMs);
  };

  const lookAt = async (subjects: ReadonlySet<string> | null): Promise<void> => {
    const view: WholeView = {
      cut: views.world.now,
      self: views.self,
      nowMs: now(),
      holdsPayload: () => true,
    };
    for (const owed of owedIn(view, subjects)) {
      if (isEnded) return;
      await perform(owed, view);
    }
  };

  const work = async (): Promise<void> => {
    for (;;) {
      const subjects = waiting;
      waiting = new Set();
      try {
        await lookAt(subjects);
        retryMs = retryFirstMs;
      } catch (err) {
        logger?.warn({ event: "follow-up.failed", err });
        waiting = null;
        retry = setTimeout(start, retryMs);
        retryMs = Math.min(retryMs * 2, retryLastMs);
        return;
      }
      if (isEnded || waiting?.size === 0) return;
    }
  };
  const start = (): void => {
    if (isEnded || running !== null) return;
    clearTimeout(retry);
    retry = undefined;
    running = work().finally(() => {
      running = null;
      // What changed between the last look and here.
      if (retry === undefined && waiting?.size !== 0) start();
    });
  };

  const following = views.onChange(({ subjects }) => {
    if (waiting !== null) for (const subject of subjects) waiting.add(subject);
    start();
  });
  start();
  return {
    [Symbol.asyncDispose]: async () => {
      isEnded = true;
      clearTimeout(retry);
      following[Symbol.dispose]();
      await running;
    },
  };
}

/** Refusals by the ledger, not by the domain: the same act may be taken a moment later. */
const worthRetrying: ReadonlySet<string> = new Set([
  "moved",
  "clock-ahead",
  "own-log-unsure",
  "clock-apart",
  "disk-full",
  "outcome-unknown",
]);

/** What a node adds by itself occurred when its cause did. */
function timeOf(cause: Ref, { cut }: WholeView): number | undefined {
  const read = cut.fact(cause)?.told;
  return read?.ok === true && read.event.type !== "log.opened" ? read.event.x.occurredAt : undefined;
}
