/**
 * Opens a connection to a nats-server: the only place that knows how the NATS client is told to behave.
 *
 * Nothing is sent while disconnected, so what failed was not kept somewhere to happen later. Servers that
 * a server advertises are ignored: it may be a stranger's.
 */
import type { ConnectionOptions, NatsConnection } from "nats";
import { type Backoff, createBackoff } from "./backoff.ts";
import type { Bus } from "./bus.ts";
import { followConnection } from "./connection-state.ts";
import { type Delivery, deliver } from "./delivery.ts";
import { BusError } from "./fault.ts";
import { toNatsHeaders } from "./headers.ts";
import {
  defaultConnectTimeoutMs,
  defaultMessageBytes,
  defaultPingIntervalMs,
  drainTimeoutMs,
  loopbackPingIntervalMs,
} from "./limits.ts";
import type { Logger } from "./logger.ts";
import { loginWith } from "./login.ts";
import { connectFault } from "./nats-faults.ts";
import { createRequests } from "./requests.ts";
import { type Serving, startServing } from "./service.ts";
import { connectNats } from "./transport.ts";

export type BusOptions = {
  /** `tls://host:port`, or `nats://` on loopback only. More than one are the same server's addresses. */
  readonly servers: readonly string[];
  readonly credentials: { readonly jwt: string; readonly seed: string };
  /**
   * The server's certificate authority; with it no other is believed. Without it, TLS uses the machine's.
   * An IP address is asked for the name `localhost`, which every server certificate of ours carries.
   */
  readonly caPem?: string;
  /** Shown in the server's connection list. */
  readonly name: string;
  readonly logger?: Logger;
  /** Attempts after a loss before the bus closes. Default: never closes by itself. */
  readonly maxReconnectAttempts?: number;
  /** Where replies arrive. Default `_INBOX`; a lobby user may use only its own. */
  readonly inboxPrefix?: string;
  readonly connectTimeoutMs?: number;
  readonly pingIntervalMs?: number;
};

/**
 * Connects and logs in.
 *
 * @throws {BusError} `bus-unavailable` when nobody answers; `bus-denied` with reason `login-refused`, or
 * `server-not-trusted` when the server's certificate does not lead to `caPem`.
 */
export async function openBus(options: BusOptions): Promise<Bus> {
  const backoff = createBackoff();
  const connection = await connectNats(clientOptions(options, backoff)).catch((cause: unknown) => {
    throw connectFault(options.name, cause);
  });
  return createBus(connection, options, backoff);
}

function createBus(connection: NatsConnection, options: BusOptions, backoff: Backoff): Bus {
  const { logger, name } = options;
  const requests = createRequests(connection, options.inboxPrefix);
  const state = followConnection(connection, {
    name,
    logger,
    onAttempt: backoff.grow,
    onDenied: requests.failDenied,
  });
  const open = new Set<Delivery | Serving>();
  let serverVersion = connection.info?.version ?? null;

  state.onStatus((status) => {
    if (status !== "connected") return requests.failAll(status === "closed" ? "closed" : "disconnected");
    backoff.reset();
    serverVersion = connection.info?.version ?? serverVersion;
  });

  const requireOpen = (subject: string, bytes = 0): void => {
    if (state.status !== "connected") {
      const reason = state.status === "closed" ? "closed" : "disconnected";
      throw new BusError("bus-unavailable", `could not use ${subject}: the bus is ${state.status}`, {
        reason,
      });
    }
    const most = connection.info?.max_payload ?? defaultMessageBytes;
    if (bytes <= most) return;
    const reason = "request-too-large";
    throw new BusError("message-too-large", `${bytes} bytes are too many for ${subject}`, { reason });
  };

  const whenDown = (): Promise<void> => {
    if (state.status !== "connected") return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const status = state.onStatus((now) => now !== "connected" && resolve());
    return promise.finally(() => status[Symbol.dispose]());
  };

  const drain = async (): Promise<void> => {
    if (state.status === "connected") {
      const gently = Promise.all([...open].map((each) => each.drain())).then(() => connection.flush());
      const tooLong = setTimeout(() => void connection.close(), drainTimeoutMs);
      // A connection lost meanwhile ends the drain too; what could be handled was.
      await Promise.race([gently, whenDown()]).catch((err: unknown) => {
        logger?.warn({ event: "bus.drain-failed", name, err });
      });
      clearTimeout(tooLong);
    }
    await connection.close();
    await state.closed;
  };

  return {
    get status() {
      return state.status;
    },
    get closedBecause() {
      return state.closedBecause;
    },
    get serverVersion() {
      return serverVersion;
    },
    closed: state.closed,
    onStatus: state.onStatus,
    request: async (subject, data, wanted) => {
      requireOpen(subject, data.length);
      return requests.request(subject, data, wanted);
    },
    publish: (subject, data, headers) => {
      requireOpen(subject, data.length);
      connection.publish(subject, data, headers === undefined ? {} : { headers: toNatsHeaders(headers) });
    },
    subscribe: (subject, handler, wanted = {}) => {
      if (state.status === "closed") requireOpen(subject);
      const onEnd = () => open.delete(delivery);
      const delivery = deliver(connection, subject, handler, { ...wanted, logger, onEnd });
      open.add(delivery);
      return delivery;
    },
    serve: async (service) => {
      requireOpen(service.name);
      const onEnd = () => open.delete(serving);
      const serving = await startServing(connection, service, { logger, onEnd, whenDown });
      open.add(serving);
      await connection.flush();
      return serving;
    },
    flush: async () => {
      requireOpen("flush");
      await connection.flush();
    },
    drain,
    [Symbol.asyncDispose]: drain,
  };
}

function clientOptions(options: BusOptions, backoff: Backoff): ConnectionOptions {
  const isPlain = options.caPem === undefined && options.servers.every(isPlainLoopback);
  return {
    servers: [...options.servers],
    name: options.name,
    authenticator: loginWith(options.credentials),
    ...(isPlain ? {} : { tls: options.caPem === undefined ? {} : { ca: options.caPem } }),
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    timeout: options.connectTimeoutMs ?? defaultConnectTimeoutMs,
    pingInterval:
      options.pingIntervalMs ??
      (options.servers.every(isLoopback) ? loopbackPingIntervalMs : defaultPingIntervalMs),
    maxPingOut: 2,
    maxReconnectAttempts: options.maxReconnectAttempts ?? -1,
    reconnectDelayHandler: () => backoff.slicedWaitMs,
    ignoreClusterUpdates: true,
    // A stack for every request that might fail costs more than most requests; faults get ours when they do.
    noAsyncTraces: true,
    noEcho: false,
  };
}

/** The one case without TLS: a test, or an external server that this machine's operator runs on loopback. */
const isPlainLoopback = (server: string): boolean => server.startsWith("nats://") && isLoopback(server);

const isLoopback = (server: string): boolean =>
  /^[a-z]+:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(server);
