/** Why a nats-server could not be run or told something. Match on `code`, never on the message. */
export type NatsOperatorFaultCode =
  | "nats-server-not-found"
  | "nats-server-too-old"
  | "nats-server-failed"
  | "already-running"
  | "port-in-use"
  | "address-unusable"
  | "tls-required"
  | "claims-refused";

/** A fault of the nats-server this node runs: the world failed, not the caller's request. */
export class NatsOperatorError extends Error {
  override readonly name = "NatsOperatorError";
  readonly code: NatsOperatorFaultCode;
  /** `later`: the same call may succeed when the world has changed by itself. */
  readonly retry: "never" | "later";

  constructor(code: NatsOperatorFaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? "never";
  }
}

type FaultOptions = { readonly cause?: unknown; readonly retry?: "never" | "later" };
