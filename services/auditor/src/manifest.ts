/** The bundle's own statements: what the manifest promises, and the line before each log that repeats it. */
import { isUtf8 } from "node:buffer";
import { isB64u } from "./b64u.ts";
import { whyNotCanonical } from "./json-scan.ts";
import { isPartnerId } from "./multikey.ts";

export type LogClaim = { readonly by: string; readonly log: string; readonly size: number };

export type Manifest = {
  readonly exportedAt: number;
  readonly exportedBy: string;
  readonly net: string;
  readonly software: string;
  readonly payloads: number;
  readonly logs: readonly LogClaim[];
};

const logsMax = 100_000;
const entriesMax = 2 ** 31;

/** The object in `bytes` when they are canonical JSON, else what is wrong with them. */
export function parseObject(bytes: Buffer): Record<string, unknown> | string {
  if (!isUtf8(bytes)) return "not strict UTF-8";
  const text = bytes.toString("utf8");
  const why = whyNotCanonical(text, 16);
  if (why !== undefined) return why;
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : "not an object";
}

function hasExactly(value: Record<string, unknown>, names: string): boolean {
  return Object.keys(value).join(" ") === names;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isLogClaim(value: unknown): value is LogClaim {
  const claim = value as Record<string, unknown>;
  return (
    typeof value === "object" &&
    value !== null &&
    hasExactly(claim, "by log size") &&
    isPartnerId(claim["by"]) &&
    isB64u(claim["log"], 16) &&
    isCount(claim["size"]) &&
    claim["size"] > 0
  );
}

/** Parses the manifest, or says why it is not one. */
export function parseManifest(bytes: Buffer): Manifest | string {
  const value = parseObject(bytes);
  if (typeof value === "string") return value;
  if (!hasExactly(value, "exportedAt exportedBy logs net payloads software v")) return "unexpected members";
  const { exportedAt, exportedBy, logs, net, payloads, software, v } = value;
  if (v !== 1) return "unknown version";
  if (!isCount(exportedAt) || !isCount(payloads)) return "exportedAt and payloads are counts";
  if (!isPartnerId(exportedBy) || !isB64u(net, 32) || typeof software !== "string") return "malformed member";
  if (!Array.isArray(logs) || logs.length > logsMax || !logs.every(isLogClaim)) return "malformed logs";
  const order = logs.map((claim) => `${claim.by} ${claim.log}`);
  if (order.some((key, index) => index > 0 && key <= (order[index - 1] as string)))
    return "logs not ascending";
  if (new Set(logs.map((claim) => claim.log)).size < logs.length) return "one log named twice";
  if (logs.reduce((sum, claim) => sum + claim.size, 0) > entriesMax) return "more than 2^31 entries";
  return { exportedAt, exportedBy, net, software, payloads, logs };
}

/** How many checkpoints follow, when the section repeats `claim`; else what is wrong. */
export function parseLogSection(bytes: Buffer, net: string, claim: LogClaim): number | string {
  const value = parseObject(bytes);
  if (typeof value === "string") return value;
  if (!hasExactly(value, "by checkpoints log net size")) return "unexpected members";
  const { by, checkpoints, log, size } = value;
  if (by !== claim.by || log !== claim.log || size !== claim.size || value["net"] !== net) {
    return "not the log that the manifest names here";
  }
  return isCount(checkpoints) && checkpoints > 0 ? checkpoints : "a log has at least one checkpoint";
}
