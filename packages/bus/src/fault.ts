/**
 * - `bus-unavailable`: not connected, nobody answers, or no answer in time. `outcome` tells whether the
 *   other side may have acted.
 * - `bus-denied`: the server does not let this login do that, or no longer lets it in.
 * - `message-too-large`: over the limit of the connection or of the caller.
 * - `service-failed`: the service that answers met a fault of its own or has too much to do.
 */
export type BusFaultCode = "bus-unavailable" | "bus-denied" | "message-too-large" | "service-failed";

/** What was so. `service-failed` carries the service's own word (`busy`, `internal`) as reason instead. */
export type BusFaultReason =
  | "no-responders"
  | "timeout"
  | "disconnected"
  | "closed"
  | "connect-failed"
  | "not-permitted"
  | "login-refused"
  | "server-not-trusted"
  | "request-too-large"
  | "reply-too-large"
  | (string & {});

/** A fault of the bus: the world failed. Refusals travel as values inside replies, never as this. */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly code: BusFaultCode;
  readonly reason: BusFaultReason;
  /** `unknown`: the message may have been acted upon (a timeout). `not-done`: it was not. */
  readonly outcome: "not-done" | "unknown";
  readonly retry: "never" | "later";

  constructor(code: BusFaultCode, message: string, detail: BusFaultDetail) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.reason = detail.reason;
    this.outcome = detail.outcome ?? "not-done";
    this.retry = code === "bus-unavailable" || code === "service-failed" ? "later" : "never";
  }
}

export type BusFaultDetail = {
  readonly reason: BusFaultReason;
  readonly outcome?: "not-done" | "unknown";
  readonly cause?: unknown;
};
