/**
 * The bus as everything else in a node sees it: requests, messages, services, and whether it is up.
 *
 * It is a wire and never a store: nothing here is durable, a message may be lost, and a timed-out
 * request has an unknown outcome. The one implementation is `connect.ts`.
 */

/** NATS headers, one value a name, names as sent. `Nats-*` headers of others are never shown here. */
export type BusHeaders = Readonly<Record<string, string>>;

export type BusMessage = {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: BusHeaders;
};

export type BusReply = { readonly data: Uint8Array; readonly headers: BusHeaders };

/** `reconnecting` ends by itself; `closed` never does. */
export type BusStatus = "connected" | "reconnecting" | "closed";

export type RequestOptions = {
  /** How long to wait for the reply. After it the outcome is unknown. */
  readonly timeoutMs: number;
  readonly headers?: BusHeaders;
  /** A larger reply is a fault, `message-too-large`. Default 1 MiB. */
  readonly maxReplyBytes?: number;
};

export type SubscribeOptions = {
  /** Among subscribers of one queue, each message goes to one. */
  readonly queue?: string;
  /** Larger messages are dropped, counted and logged before anything reads them. Default 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Messages waiting for the handler. Further ones are dropped, counted and logged. Default 1,024. */
  readonly maxPending?: number;
};

/** Handled one at a time, in order of arrival. A fault it throws is logged and the next message comes. */
export type MessageHandler = (message: BusMessage) => void | Promise<void>;

/** Stops delivery at once; disposing it also waits for the handler that runs. */
export interface BusSubscription extends AsyncDisposable {
  /** Messages dropped because they were too large or too many. */
  readonly dropped: number;
}

/** What a service answers when it cannot serve. `code` reaches the caller as `BusError.reason`. */
export type ServiceFailure = { readonly failure: { readonly code: string; readonly status: number } };

/** Answers one request. Several run at once. A throw is logged and told to the caller as `internal`. */
export type RequestHandler = (
  data: Uint8Array,
  request: { readonly subject: string; readonly headers: BusHeaders },
) => Promise<Uint8Array | BusReply | ServiceFailure>;

export type Endpoint = {
  /** Letters, digits, `-` and `_`: the name in `$SRV` discovery and statistics. */
  readonly name: string;
  readonly subject: string;
  readonly handler: RequestHandler;
  /** Default: the service's name, so that a service can run twice. */
  readonly queue?: string;
  /** Larger requests are answered `too-large`, unread. Default 1 MiB. */
  readonly maxRequestBytes?: number;
  /** Requests at work at once; further ones are answered `busy`. Default 256. */
  readonly maxInFlight?: number;
};

export type ServiceDescription = {
  readonly name: string;
  /** Semantic version, as `$SRV` demands. */
  readonly version: string;
  readonly description?: string;
  readonly endpoints: readonly Endpoint[];
};

/** A connection to a nats-server. Disposing it drains and closes it. */
export interface Bus extends AsyncDisposable {
  readonly status: BusStatus;
  /** Why it is closed: null while it is not, or when it was closed by us. */
  readonly closedBecause: Error | null;
  /** Version the server tells of itself; null when never connected. */
  readonly serverVersion: string | null;
  /** Calls the listener at every change, in order. Disposing the answer ends that. */
  onStatus(listener: (status: BusStatus) => void): Disposable;
  /** Resolves when the status is `closed`. */
  readonly closed: Promise<void>;

  /**
   * Asks and waits for one reply.
   *
   * @throws {BusError} `bus-unavailable` with `outcome: "not-done"` when not connected or nobody serves the
   * subject, `"unknown"` on a timeout or a connection lost on the way; `bus-denied`, `message-too-large`,
   * `service-failed`.
   */
  request(subject: string, data: Uint8Array, options: RequestOptions): Promise<BusReply>;

  /**
   * Sends without knowing whether anybody hears.
   *
   * @throws {BusError} `bus-unavailable` when not connected; `message-too-large`.
   */
  publish(subject: string, data: Uint8Array, headers?: BusHeaders): void;

  /** Delivery starts when the server has read it: `flush` waits for that. Lives on over reconnects. */
  subscribe(subject: string, handler: MessageHandler, options?: SubscribeOptions): BusSubscription;

  /** Serves as a NATS micro service. Resolves when the server knows all endpoints; disposing drains them. */
  serve(service: ServiceDescription): Promise<AsyncDisposable>;

  /** Resolves when the server has read all that was sent before. */
  flush(): Promise<void>;

  /** Handles what has arrived, sends what is waiting, and closes. */
  drain(): Promise<void>;
}
