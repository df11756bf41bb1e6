/** Keeps one service up: starts it again when it dies, ever more slowly, until it is told to stop or must not go on. */
import { setTimeout as delay } from "node:timers/promises";
import { exitCodes } from "@handfast/api/exit-codes";
import type { Logger } from "@handfast/bus/logger";
import type { OnProgress } from "@handfast/service-kit/run";
import type { NodeError } from "./fault.ts";
import { type Facts, type Form, type Launch, launch, type Running } from "./launch.ts";

export interface KeptService extends AsyncDisposable {
  readonly name: string;
  /** Of the first start. */
  readonly facts: Facts;
  /** Of the process that is up now; null for a thread, and between two processes. */
  readonly pid: number | null;
  /** Resolves with the fault of a service that must not be started again. */
  readonly fatal: Promise<NodeError>;
}

/** Between a death and the next start: doubles from the first to the last. */
const firstWaitMs = 100;
const lastWaitMs = 10_000;
/** Up for this long, a service has recovered, and the next death is a first one. */
const recoveredMs = 60_000;
/** How long a folder may still be locked by the service of a node that was killed: it stops when it notices. */
const lockedMs = 10_000;

export type KeepOptions = {
  readonly form: Form;
  readonly logger: Logger;
  /** The settings for a start after the first, which may name what the first one chose. */
  readonly again: (facts: Facts) => Launch;
  /** Told how far a long start is, in words. */
  readonly onProgress?: OnProgress;
};

/** @throws {NodeError} What the service says when its first start fails. */
export async function keepService(
  first: Launch,
  { form, logger, again, onProgress }: KeepOptions,
): Promise<KeptService> {
  const { name } = first;
  const stop = new AbortController();
  const fatal = Promise.withResolvers<NodeError>();
  let running: Running | null = await launchOnceUnlocked(first, form, onProgress);
  const { facts } = running;

  const restart = async (waitMs: number): Promise<Running | null> => {
    for (let wait = waitMs; !stop.signal.aborted; wait = Math.min(2 * wait, lastWaitMs)) {
      await delay(wait, undefined, { signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) return null;
      try {
        return await launch(again(facts), form, onProgress);
      } catch (err) {
        if (mustNotGoOn(err as NodeError)) throw err;
        logger.warn({ event: "service.restart-failed", service: name, waitMs: wait, err });
      }
    }
    return null;
  };
  const keep = async (): Promise<void> => {
    let waitMs = firstWaitMs;
    while (running !== null) {
      const upSince = performance.now();
      const fault: NodeError | null = await running.ended;
      running = null;
      if (stop.signal.aborted || fault === null) return;
      if (mustNotGoOn(fault)) throw fault;
      if (performance.now() - upSince > recoveredMs) waitMs = firstWaitMs;
      logger.error({ event: "service.died", service: name, restartInMs: waitMs, err: fault });
      running = await restart(waitMs);
      waitMs = Math.min(2 * waitMs, lastWaitMs);
      if (running !== null) logger.info({ event: "service.restarted", service: name });
      // Told to stop while it was starting.
      if (stop.signal.aborted) await running?.stop();
    }
  };
  const keeping = keep().catch((fault: NodeError) => fatal.resolve(fault));

  return {
    name,
    facts,
    get pid() {
      return running?.pid ?? null;
    },
    fatal: fatal.promise,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running?.stop();
      await keeping;
    },
  };
}

/** The ledger cannot be sure what it signed, or another process has the folder: starting again would only repeat it. */
const mustNotGoOn = ({ exitCode }: NodeError): boolean =>
  exitCode === exitCodes.fatal || exitCode === exitCodes.locked || exitCode === exitCodes.usage;

async function launchOnceUnlocked(service: Launch, form: Form, onProgress?: OnProgress): Promise<Running> {
  for (const deadline = performance.now() + lockedMs; ; ) {
    try {
      return await launch(service, form, onProgress);
    } catch (err) {
      if ((err as NodeError).exitCode !== exitCodes.locked || performance.now() > deadline) throw err;
      await delay(firstWaitMs);
    }
  }
}
