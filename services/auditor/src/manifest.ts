/** The bundle's own statements: what the manifest promises, and the line before each log that repeats it. */
import { isUtf8 } from "node:buffer";
import { isB64u } from "./b64u.ts";
import { whyNotCanonical } from "./json-scan.ts";
import { isPartnerId } from "./multikey.ts";

export type LogClaim = {
  readonly by: string;
  readonly log: string;
  readonly size: number;
  /** Further histories that its author signed. */
  readonly branches?: readonly BranchClaim[];
};

/** `from`: seq of its first entry that differs. `of`: what it parts from, 0 for the log as it stands first, or a branch before it by its number from 1. */
export type BranchClaim = { readonly from: number; readonly of: number; readonly size: number };

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
const branchesMax = 10_000;

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
    (hasExactly(claim, "by log size") ||
      (hasExactly(claim, "branches by log size") && areBranches(claim["branches"], claim["size"]))) &&
    isPartnerId(claim["by"]) &&
    isB64u(claim["log"], 16) &&
    isCount(claim["size"]) &&
    claim["size"] > 0
  );
}

function areBranches(value: unknown, size: unknown): value is BranchClaim[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > branchesMax) return false;
  return value.every((branch: unknown, index) => {
    if (typeof branch !== "object" || branch === null) return false;
    const { from, of, size: end } = branch as Record<string, unknown>;
    if (!hasExactly(branch as Record<string, unknown>, "from of size")) return false;
    if (!isCount(from) || !isCount(of) || !isCount(end) || of > index || end <= from) return false;
    const parent = of === 0 ? { from: 0, size } : (value[of - 1] as BranchClaim);
    // It parts within what the other adds: below, it would part from what that parts from.
    return from >= parent.from && from < (parent.size as number);
  });
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
  if (countEntries(logs) > entriesMax) return "more than 2^31 entries";
  return { exportedAt, exportedBy, net, software, payloads, logs };
}

/** How many entries there are, those that branches share counted once. */
export function countEntries(logs: readonly LogClaim[]): number {
  return logs.reduce(
    (sum, { size, branches = [] }) => sum + branches.reduce((more, one) => more + one.size - one.from, size),
    0,
  );
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

/** The same of the section before a branch; `number` counts from 1. */
export function parseBranchSection(
  bytes: Buffer,
  net: string,
  claim: LogClaim,
  number: number,
): number | string {
  const value = parseObject(bytes);
  if (typeof value === "string") return value;
  if (!hasExactly(value, "branch by checkpoints from log net of size")) return "unexpected members";
  const { branch, by, checkpoints, from, log, of, size } = value;
  const claimed = claim.branches?.[number - 1];
  const isClaimed = claimed?.from === from && claimed?.of === of && claimed?.size === size;
  if (branch !== number || by !== claim.by || log !== claim.log || value["net"] !== net || !isClaimed) {
    return "not the branch that the manifest names here";
  }
  return isCount(checkpoints) && checkpoints > 0 ? checkpoints : "a branch has at least one checkpoint";
}
