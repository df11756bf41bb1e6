/**
 * Whether the connection is up, and why it no longer is.
 *
 * The client reports disconnects and errors as a stream of events and retries a login that the server
 * ended forever. Here that becomes three states, and an ended login (`ACCOUNT_EXPIRED` and its like)
 * closes the connection, because the same JWT never gets in again.
 */
import { DebugEvents, ErrorCode, Events, type NatsConnection, NatsError, type Status } from "nats";
import type { BusStatus } from "./bus.ts";
import { BusError } from "./fault.ts";
import type { Logger } from "./logger.ts";
import { isLoginRefusal, useFault } from "./nats-faults.ts";

export interface ConnectionState {
  readonly status: BusStatus;
  readonly closedBecause: Error | null;
  readonly closed: Promise<void>;
  onStatus(listener: (status: BusStatus) => void): Disposable;
}

export type FollowOptions = {
  readonly name: string;
  readonly logger: Logger | undefined;
  /** Called before each attempt to reconnect. */
  readonly onAttempt: () => void;
  /** Called when the server refuses what was published to a subject. */
  readonly onDenied: (subject: string, cause: NatsError) => void;
};

/** Follows a fresh connection until it is closed. */
export function followConnection(connection: NatsConnection, options: FollowOptions): ConnectionState {
  const { name, logger } = options;
  const listeners = new Set<(status: BusStatus) => void>();
  let status: BusStatus = "connected";
  let closedBecause: Error | null = null;

  const change = (next: BusStatus): void => {
    if (status === next || status === "closed") return;
    status = next;
    const level = next === "connected" || (next === "closed" && closedBecause === null) ? "info" : "warn";
    logger?.[level]({
      event: `bus.${next}`,
      name,
      ...(closedBecause === null ? {} : { err: closedBecause }),
    });
    for (const listener of [...listeners]) {
      try {
        listener(next);
      } catch (err) {
        logger?.error({ event: "bus.listener-failed", name, err });
      }
    }
  };

  const onEvent = (event: Status): void => {
    if (event.type === Events.Disconnect) change("reconnecting");
    else if (event.type === DebugEvents.Reconnecting) options.onAttempt();
    else if (event.type === Events.Reconnect) change("connected");
    else if (event.type === Events.Error && isLoginRefusal(event.data)) {
      const detail = { reason: "login-refused", cause: event.data };
      closedBecause ??= new BusError("bus-denied", `nats-server ended the login of ${name}`, detail);
      void connection.close();
    } else if (event.type === Events.Error) {
      const { operation, subject } = event.permissionContext ?? {};
      if (operation === "publish" && subject !== undefined)
        options.onDenied(subject, NatsError.errorForCode(ErrorCode.PermissionsViolation));
      logger?.warn({ event: "bus.server-error", name, code: event.data, of: event.permissionContext });
    }
  };

  void each(connection.status(), onEvent);
  const closed = connection.closed().then((err) => {
    if (err instanceof Error) closedBecause ??= useFault(name, err);
    change("closed");
  });

  return {
    get status() {
      return status;
    },
    get closedBecause() {
      return closedBecause;
    },
    closed,
    onStatus: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

async function each<Item>(items: AsyncIterable<Item>, onItem: (item: Item) => void): Promise<void> {
  for await (const item of items) onItem(item);
}
