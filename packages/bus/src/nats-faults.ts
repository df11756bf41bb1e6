/** What the NATS client throws and reports, as faults of ours. Matches on its codes, never on its words. */
import { ErrorCode, NatsError } from "nats";
import { BusError } from "./fault.ts";

/** A login the server refuses or ends. The same JWT never gets in again, so trying again is noise. */
const loginRefused: ReadonlySet<string> = new Set([
  ErrorCode.AuthorizationViolation,
  ErrorCode.AuthenticationExpired,
  ErrorCode.AccountExpired,
]);

/** OpenSSL's words, by way of Node, for a certificate that does not lead to the pinned authority or name. */
const serverNotTrusted: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "INVALID_PURPOSE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** True for a code in a status of the client that ends the login for good. */
export function isLoginRefusal(code: unknown): boolean {
  return typeof code === "string" && loginRefused.has(code);
}

/** Why a first connection did not come about. */
export function connectFault(name: string, cause: unknown): BusError {
  const code = codeOf(cause);
  const tried = `could not connect ${name} to nats-server`;
  if (loginRefused.has(code)) return new BusError("bus-denied", tried, { reason: "login-refused", cause });
  if (serverNotTrusted.has(code) || code === ErrorCode.ServerOptionNotAvailable) {
    return new BusError("bus-denied", tried, { reason: "server-not-trusted", cause });
  }
  return new BusError("bus-unavailable", tried, { reason: "connect-failed", cause });
}

/** Why a request, a message or a subscription failed. */
export function useFault(subject: string, cause: unknown): BusError {
  if (cause instanceof BusError) return cause;
  const tried = `could not use ${subject} on the bus`;
  switch (codeOf(cause)) {
    case ErrorCode.NoResponders:
      return new BusError("bus-unavailable", tried, { reason: "no-responders", cause });
    case ErrorCode.Timeout:
      return new BusError("bus-unavailable", tried, { reason: "timeout", outcome: "unknown", cause });
    case ErrorCode.PermissionsViolation:
      return new BusError("bus-denied", tried, { reason: "not-permitted", cause });
    case ErrorCode.MaxPayloadExceeded:
      return new BusError("message-too-large", tried, { reason: "request-too-large", cause });
    case ErrorCode.ConnectionClosed:
    case ErrorCode.ConnectionDraining:
      return new BusError("bus-unavailable", tried, { reason: "closed", cause });
    default:
      return new BusError("bus-unavailable", tried, { reason: "disconnected", outcome: "unknown", cause });
  }
}

function codeOf(err: unknown): string {
  if (err instanceof NatsError && err.chainedError !== undefined && err.code === ErrorCode.Tls) {
    return codeOf(err.chainedError);
  }
  const code = (err as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
