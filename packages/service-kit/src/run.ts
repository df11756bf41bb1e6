/**
 * Runs a service until SIGINT, SIGTERM or its supervisor says stop, then disposes it and lets the event loop drain, so that
 * nothing unflushed is lost. Exit code 0 is a clean stop, 1 a failed start, or what the fault itself asks for; 70 means that
 * something was still held `graceMs` after the wish to stop, which is a bug to be found. A second signal ends the process at once.
 */
import { exitCodes } from "@handfast/api/exit-codes";
import { endAfter } from "./grace.ts";
import type { Logger } from "./logger.ts";
import { type ServiceReport, supervisor } from "./supervisor.ts";

/** Told how far a long start is, in words: `building the read model: 12000 of 31000 entries, about 40 s left`. */
export type OnProgress = (text: string) => void;

export interface Service extends AsyncDisposable {
  /** Told to the supervisor when the service is up. Default: nothing. */
  readonly facts?: Readonly<Record<string, string | number>>;
  /** Resolves when the service must not go on: the process ends with the fault's `exitCode`. */
  readonly fatal?: Promise<Error>;
}

export async function run(
  start: (signal: AbortSignal, onProgress: OnProgress) => Promise<Service>,
  logger: Logger,
  graceMs = 10_000,
): Promise<void> {
  const stop = new AbortController();
  using parent = supervisor();
  const onStop = (reason: string): void => {
    if (stop.signal.aborted) return;
    stop.abort(reason);
    endAfter(graceMs, exitCodes.fatal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(exitCodes.fault);
    onStop(signal);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  parent.onStop(onStop);
  const stopped = new Promise<null>((resolve) => {
    stop.signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  try {
    await using service = await start(stop.signal, (progress) =>
      parent.report({ state: "starting", progress }),
    );
    logger.info({ event: "service.started" });
    parent.report({ state: "up", facts: { ...service.facts } });
    const fatal = stop.signal.aborted ? null : await Promise.race([stopped, ...fatalOf(service)]);
    if (fatal !== null) throw fatal;
    logger.info({ event: "service.stopping", reason: String(stop.signal.reason) });
  } catch (err) {
    const report = failureOf(err);
    logger.error({ event: "service.failed", err });
    parent.report(report);
    process.exitCode = report.exitCode;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

const fatalOf = ({ fatal }: Service): readonly Promise<Error>[] => (fatal === undefined ? [] : [fatal]);

/** What went wrong, in the words of the fault itself. */
export function failureOf(err: unknown): Extract<ServiceReport, { state: "failed" }> {
  const { code, message, hint, exitCode } = (err instanceof Error ? err : new Error(String(err))) as Error & {
    readonly code?: unknown;
    readonly hint?: unknown;
    readonly exitCode?: unknown;
  };
  return {
    state: "failed",
    code: typeof code === "string" ? code : "fault",
    message,
    ...(typeof hint === "string" ? { hint } : {}),
    exitCode: typeof exitCode === "number" ? exitCode : exitCodes.fault,
  };
}
