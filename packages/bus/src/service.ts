/**
 * Serves requests as a NATS micro service, so that `$SRV.PING`, `INFO` and `STATS` find it.
 *
 * Every request gets an answer: the handler's, or a failure in the headers NATS services use for it
 * (`Nats-Service-Error`, `Nats-Service-Error-Code`), which `request` turns into a fault at the caller.
 */
import type { Msg, NatsConnection, ServiceMsg } from "nats";
import type { BusReply, Endpoint, ServiceDescription, ServiceFailure } from "./bus.ts";
import { BusError } from "./fault.ts";
import { fromNatsData, fromNatsHeaders, toNatsHeaders } from "./headers.ts";
import { defaultInFlight, defaultMessageBytes } from "./limits.ts";
import type { Logger } from "./logger.ts";

/** A service that can be ended gently: requests that have arrived are answered first. */
export interface Serving extends AsyncDisposable {
  drain(): Promise<void>;
}

/** Adds the service and its endpoints; the server knows them after the next flush. */
export async function startServing(
  connection: NatsConnection,
  description: ServiceDescription,
  options: {
    readonly logger: Logger | undefined;
    readonly onEnd: () => void;
    /** Resolves when the connection is not up, at once where it is not. */
    readonly whenDown: () => Promise<void>;
  },
): Promise<Serving> {
  const { logger } = options;
  const { name, version, endpoints } = description;
  const service = await connection.services.add({
    name,
    version,
    queue: name,
    ...(description.description === undefined ? {} : { description: description.description }),
  });
  const atWork = new Set<Promise<void>>();
  for (const endpoint of endpoints) {
    let inFlight = 0;
    service.addEndpoint(endpoint.name, {
      subject: endpoint.subject,
      queue: endpoint.queue ?? name,
      handler: (err, message) => {
        if (err !== null) return;
        if (inFlight >= (endpoint.maxInFlight ?? defaultInFlight)) return fail(message, "busy", 503);
        inFlight += 1;
        const work = answer(endpoint, message, logger).finally(() => {
          inFlight -= 1;
          atWork.delete(work);
        });
        atWork.add(work);
      },
    });
  }
  let isEnding = false;
  void service.stopped.then((err) => {
    if (!isEnding) logger?.error({ event: "bus.service-stopped", service: name, err });
  });
  const drain = async (): Promise<void> => {
    isEnding = true;
    // Stopping drains each endpoint's subscription; what had arrived is already at work then. It waits for the server, which
    // has nothing more to send once the connection is lost.
    if (!service.isStopped && !connection.isClosed()) {
      const stopped = service.stop();
      stopped.catch(() => {});
      await Promise.race([stopped, options.whenDown()]);
    }
    await Promise.all(atWork);
  };
  const dispose = async (): Promise<void> => {
    options.onEnd();
    await drain();
  };
  return { drain, [Symbol.asyncDispose]: dispose };
}

/** The fault in a reply that a service marked as failed, or null. */
export function failureIn(subject: string, reply: Msg): BusError | null {
  const reason = reply.headers?.get("Nats-Service-Error") ?? "";
  if (reason === "") return null;
  // A service that says `internal` may have acted before it failed; one that is busy has not.
  const outcome = reason === "busy" || reason === "too-large" ? "not-done" : "unknown";
  return new BusError("service-failed", `the service behind ${subject} failed`, { reason, outcome });
}

async function answer(endpoint: Endpoint, message: ServiceMsg, logger: Logger | undefined): Promise<void> {
  const { subject, data } = message;
  try {
    if (data.length > (endpoint.maxRequestBytes ?? defaultMessageBytes))
      return fail(message, "too-large", 413);
    const request = { subject, headers: fromNatsHeaders(message.headers) };
    respond(message, await endpoint.handler(fromNatsData(data), request));
  } catch (err) {
    logger?.error({ event: "bus.handler-failed", endpoint: endpoint.name, subject, err });
    try {
      fail(message, "internal", 500);
    } catch (cause) {
      logger?.warn({ event: "bus.reply-lost", endpoint: endpoint.name, subject, err: cause });
    }
  }
}

function respond(message: ServiceMsg, result: Uint8Array | BusReply | ServiceFailure): void {
  if (result instanceof Uint8Array) message.respond(result);
  else if ("failure" in result) fail(message, result.failure.code, result.failure.status);
  else message.respond(result.data, { headers: toNatsHeaders(result.headers) });
}

function fail(message: ServiceMsg, code: string, status: number): void {
  message.respondError(status, code);
}
