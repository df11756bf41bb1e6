/** The limits of the bus where a caller names none. */

/** What a nats-server of ours takes at most (`max_payload`). */
export const defaultMessageBytes = 1_048_576;

/** Messages that may wait for one subscriber. */
export const defaultPending = 1_024;

/** Requests one endpoint works on at once. */
export const defaultInFlight = 256;

/** How long a first connection may take, TLS and login included. */
export const defaultConnectTimeoutMs = 5_000;

/** Between signs of life; a connection is given up after two without an answer. */
export const defaultPingIntervalMs = 10_000;

/** The same where the server is on this machine: a server that stands still is noticed within nine seconds. */
export const loopbackPingIntervalMs = 3_000;

/** How long a drain may take before the connection is closed over it. */
export const drainTimeoutMs = 5_000;

/** Between attempts to reconnect: doubles from the first to the last, with as much again at random. */
export const reconnectFirstMs = 50;
export const reconnectLastMs = 4_000;

/** How long a connection that is closed while it waits for its next attempt may still hold its process. */
export const reconnectSliceMs = 200;
