/**
 * Runs a service until SIGINT or SIGTERM, then disposes it and lets the event loop drain, so that nothing unflushed is
 * lost. Exit code 0 is a clean stop, 1 a failed start; 70 means that something was still held `graceMs` after the signal,
 * which is a bug to be found. A second signal ends the process at once.
 */
import { once } from "node:events";
import { exitCodes } from "@handfast/api/exit-codes";
import type { Logger } from "./logger.ts";

export async function run(
  start: (signal: AbortSignal) => Promise<AsyncDisposable>,
  logger: Logger,
  graceMs = 10_000,
): Promise<void> {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(exitCodes.fault);
    stop.abort(signal);
    setTimeout(() => process.exit(exitCodes.fatal), graceMs).unref();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    await using _service = await start(stop.signal);
    logger.info({ event: "service.started" });
    if (!stop.signal.aborted) await once(stop.signal, "abort");
    logger.info({ event: "service.stopping", reason: String(stop.signal.reason) });
  } catch (err) {
    logger.fatal({ event: "service.failed", err });
    process.exitCode = exitCodes.fault;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
