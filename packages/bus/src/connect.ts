/**
 * Opens a connection to a nats-server: the only place that knows the NATS client's connection.
 *
 * What the client does not do by itself is done here. Requests in flight fail when the connection is
 * lost, instead of waiting for their time-out. Nothing is sent while disconnected, so what failed was not
 * kept somewhere to happen later. A login that the server ended (`ACCOUNT_EXPIRED`) closes the bus; the
 * client would try it for ever. Servers that a server advertises are ignored: it may be a stranger's.
 */
import {
  type ConnectionOptions,
  connect,
  DebugEvents,
  Events,
  jwtAuthenticator,
  type NatsConnection,
  type Status,
} from "nats";
import type { Bus, BusReply, BusStatus, RequestOptions } from "./bus.ts";
import { type Delivery, deliver } from "./delivery.ts";
import { BusError } from "./fault.ts";
import { fromNatsHeaders, toNatsHeaders } from "./headers.ts";
import {
  defaultConnectTimeoutMs,
  defaultMessageBytes,
  defaultPingIntervalMs,
  drainTimeoutMs,
  reconnectFirstMs,
  reconnectLastMs,
} from "./limits.ts";
import type { Logger } from "./logger.ts";
import { connectFault, isLoginRefusal, useFault } from "./nats-faults.ts";
import { failureIn, type Serving, startServing } from "./service.ts";

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
  /** Attempts after a loss before the bus closes. Default: for ever. */
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
  const connection = await connect(clientOptions(options, backoff)).catch((cause: unknown) => {
    throw connectFault(options.name, cause);
  });
  return createBus(connection, options, backoff);
}

function createBus(connection: NatsConnection, options: BusOptions, backoff: Backoff): Bus {
  const { logger, name } = options;
  const listeners = new Set<(status: BusStatus) => void>();
  const inFlight = new Set<(fault: BusError) => void>();
  const open = new Set<Delivery | Serving>();
  let status: BusStatus = "connected";
  let closedBecause: Error | null = null;
  let serverVersion = connection.info?.version ?? null;

  const change = (next: BusStatus): void => {
    if (status === next || status === "closed") return;
    status = next;
    if (next === "connected") logger?.info({ event: "bus.connected", name });
    else if (next === "reconnecting") logger?.warn({ event: "bus.disconnected", name });
    else if (closedBecause === null) logger?.info({ event: "bus.closed", name });
    else logger?.warn({ event: "bus.closed", name, err: closedBecause });
    if (next !== "connected") {
      const reason = next === "closed" ? "closed" : "disconnected";
      for (const reject of inFlight) {
        reject(
          new BusError("bus-unavailable", "lost the bus before the reply", { reason, outcome: "unknown" }),
        );
      }
    }
    for (const listener of [...listeners]) notify(listener, next);
  };

  const notify = (listener: (status: BusStatus) => void, next: BusStatus): void => {
    try {
      listener(next);
    } catch (err) {
      logger?.error({ event: "bus.listener-failed", name, err });
    }
  };

  const onClientStatus = (event: Status): void => {
    if (event.type === Events.Disconnect) change("reconnecting");
    else if (event.type === DebugEvents.Reconnecting) backoff.grow();
    else if (event.type === Events.Reconnect) {
      backoff.reset();
      serverVersion = connection.info?.version ?? serverVersion;
      change("connected");
    } else if (event.type === Events.Error) {
      if (isLoginRefusal(event.data)) {
        closedBecause ??= new BusError("bus-denied", `nats-server ended the login of ${name}`, {
          reason: "login-refused",
          cause: event.data,
        });
        void connection.close();
      } else logger?.warn({ event: "bus.server-error", name, code: event.data, of: event.permissionContext });
    }
  };

  void watch(connection.status(), onClientStatus);
  const closed = connection.closed().then((err) => {
    if (err instanceof Error) closedBecause ??= useFault(name, err);
    change("closed");
  });

  const requireOpen = (subject: string, bytes: number): void => {
    if (status !== "connected") {
      const reason = status === "closed" ? "closed" : "disconnected";
      throw new BusError("bus-unavailable", `could not use ${subject}: the bus is ${status}`, { reason });
    }
    const most = connection.info?.max_payload ?? defaultMessageBytes;
    if (bytes <= most) return;
    throw new BusError("message-too-large", `${bytes} bytes are too many for ${subject}`, {
      reason: "request-too-large",
    });
  };

  const request = async (subject: string, data: Uint8Array, wanted: RequestOptions): Promise<BusReply> => {
    requireOpen(subject, data.length);
    const lost = Promise.withResolvers<never>();
    inFlight.add(lost.reject);
    try {
      const asked = connection.request(subject, data, {
        timeout: wanted.timeoutMs,
        ...(wanted.headers === undefined ? {} : { headers: toNatsHeaders(wanted.headers) }),
      });
      const reply = await Promise.race([asked, lost.promise]);
      const failure = failureIn(subject, reply);
      if (failure !== null) throw failure;
      if (reply.data.length > (wanted.maxReplyBytes ?? defaultMessageBytes)) {
        throw new BusError("message-too-large", `the reply from ${subject} has ${reply.data.length} bytes`, {
          reason: "reply-too-large",
          outcome: "unknown",
        });
      }
      return { data: reply.data, headers: fromNatsHeaders(reply.headers) };
    } catch (err) {
      throw useFault(subject, err);
    } finally {
      inFlight.delete(lost.reject);
    }
  };

  const drain = async (): Promise<void> => {
    if (status === "connected") {
      const gently = Promise.all([...open].map((resource) => resource.drain())).then(() =>
        connection.flush(),
      );
      const tooLong = setTimeout(() => void connection.close(), drainTimeoutMs);
      // A connection lost meanwhile ends the drain too; what could be handled was.
      await Promise.race([gently, closed]).catch((err: unknown) => {
        logger?.warn({ event: "bus.drain-failed", name, err });
      });
      clearTimeout(tooLong);
    }
    await connection.close();
    await closed;
  };

  return {
    get status() {
      return status;
    },
    get closedBecause() {
      return closedBecause;
    },
    get serverVersion() {
      return serverVersion;
    },
    closed,
    onStatus: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    request,
    publish: (subject, data, headers) => {
      requireOpen(subject, data.length);
      connection.publish(subject, data, headers === undefined ? {} : { headers: toNatsHeaders(headers) });
    },
    subscribe: (subject, handler, wanted = {}) => {
      if (status === "closed") requireOpen(subject, 0);
      const delivery = deliver(connection, subject, handler, {
        ...wanted,
        logger,
        onEnd: () => open.delete(delivery),
      });
      open.add(delivery);
      return delivery;
    },
    serve: async (service) => {
      requireOpen(service.name, 0);
      const serving = await startServing(connection, service, { logger, onEnd: () => open.delete(serving) });
      open.add(serving);
      await connection.flush();
      return serving;
    },
    flush: async () => {
      requireOpen("flush", 0);
      await connection.flush();
    },
    drain,
    [Symbol.asyncDispose]: drain,
  };
}

async function watch(events: AsyncIterable<Status>, onEvent: (event: Status) => void): Promise<void> {
  for await (const event of events) onEvent(event);
}

function clientOptions(options: BusOptions, backoff: Backoff): ConnectionOptions {
  const seed = new TextEncoder().encode(options.credentials.seed);
  const isPlain = options.caPem === undefined && options.servers.every(isPlainLoopback);
  return {
    servers: [...options.servers],
    name: options.name,
    authenticator: jwtAuthenticator(options.credentials.jwt, seed),
    ...(isPlain ? {} : { tls: options.caPem === undefined ? {} : { ca: options.caPem } }),
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    timeout: options.connectTimeoutMs ?? defaultConnectTimeoutMs,
    pingInterval: options.pingIntervalMs ?? defaultPingIntervalMs,
    maxPingOut: 2,
    maxReconnectAttempts: options.maxReconnectAttempts ?? -1,
    reconnectDelayHandler: () => backoff.waitMs,
    ignoreClusterUpdates: true,
    noEcho: false,
  };
}

/** The one case without TLS: a test, or an external server that this machine's operator runs on loopback. */
function isPlainLoopback(server: string): boolean {
  return /^nats:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(server);
}

/** The wait before the next attempt to reconnect. The client asks for it more often than it tries. */
type Backoff = { readonly waitMs: number; grow(): void; reset(): void };

/** Doubles at each attempt, and as much again at random, so that many do not come back at once. */
function createBackoff(): Backoff {
  let baseMs = reconnectFirstMs;
  let waitMs = baseMs;
  return {
    get waitMs() {
      return waitMs;
    },
    grow: () => {
      waitMs = baseMs + Math.random() * baseMs;
      baseMs = Math.min(2 * baseMs, reconnectLastMs);
    },
    reset: () => {
      baseMs = reconnectFirstMs;
      waitMs = baseMs;
    },
  };
}
