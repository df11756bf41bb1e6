/**
 * From our log to the next one. The earlier log is closed where it ends (what lies ahead of the clock is left out) and never
 * written again; the opening is signed by the log key, so it changes no key.
 *
 * At every step either the earlier log is still ours, or the next one is durable and the following start finds its key.
 */
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { budgets } from "@handfast/protocol/budgets";
import { toB64u } from "@handfast/protocol/bytes";
import type { HeaderVersion } from "@handfast/protocol/charter";
import { type At, encodeHeader, type Header, parseHeader } from "@handfast/protocol/header";
import { type LogId, toMultikey } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { type ClosedLog, isOpenedByLogKey, type LogOpenedX } from "@handfast/protocol/log";
import type { Edge } from "@handfast/replica/edge";
import { type HeldLog, originOf, type VerifiedEntry, verifiedEntry } from "@handfast/replica/replica";
import { isOutranked } from "@handfast/replica/succession";
import { syncFolder } from "@handfast/storage/sync-folder";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { formatNote } from "@handfast/tlog/note";
import { type KeyPair, publicKeyBytes } from "@handfast/tlog/signer";
import { emptyRoot } from "@handfast/tlog/tree";
import { successorsOf } from "./assurance.ts";
import { nextAt } from "./clock.ts";
import { LedgerError } from "./fault.ts";
import { filesIn, type LedgerIdentity, readLogKey, writeLogKey, writeWitnessKey } from "./files.ts";
import type { Held } from "./held.ts";
import type { LineStores } from "./line-store.ts";
import { bind, type Fences, readTag } from "./own-fence.ts";
import type { OwnLog } from "./own-log.ts";
import type { Durable } from "./rounds.ts";
import type { Sealing } from "./sealing.ts";
import { writeRuns } from "./write-runs.ts";

export type NextLog = {
  readonly identity: LedgerIdentity;
  /** The log key that signs from then on. */
  readonly key: KeyPair;
  /** The witness key from then on; absent where it stays. */
  readonly witness?: KeyPair;
  readonly entry: VerifiedEntry;
  readonly edge: Edge;
  readonly previous: { readonly log: LogId; readonly size: number };
};
export type NoNextLog = { readonly code: "root-needed" | "too-many-logs"; readonly detail: string };

export const isNextLog = (next: unknown): next is NextLog =>
  (next as { entry?: unknown }).entry !== undefined;

/** The opening that goes on from our newest log, or why a log key cannot sign one. */
export function composeNextLog(
  held: Held,
  { identity, key }: OwnLog,
  { nowMs, log }: { readonly nowMs: number; readonly log: LogId },
): NextLog | NoNextLog {
  const tips = tipsOf(held, identity);
  if ("code" in tips) return tips;
  const [tip, ...others] = tips;
  if (tip === undefined || others.length > 0)
    return {
      code: "root-needed",
      detail: `${tips.length} logs of this partner are open: only the root key closes them together`,
    };
  if (held.replica.lines.of(tip.log).length > 1)
    return { code: "root-needed", detail: "the log holds two histories: only the root key closes it" };
  const { logsByLogKey: most } = budgets.partner;
  const opened = held
    .logsOf(identity.partner)
    .filter(({ authority, base }) => base === null && isOpenedByLogKey(authority.opened));
  if (opened.length >= most)
    return {
      code: "root-needed",
      detail: `a log key opens at most ${most} logs: the root key opens further ones`,
    };
  const size = closingSize(tip, nowMs);
  const { root, next, keys } = tip.authority.inForceAt(size);
  if (!keys.includes(toMultikey(publicKeyBytes(key))))
    return { code: "root-needed", detail: "the log key of this node is no longer in force" };
  const previous = { ...closedAt(tip, size), signed: "log-key" as const };
  const x = { root, keys: [...keys], next, previous };
  const entry = openingOf(identity, log, tip, {
    version: held.replica.version,
    at: nextAt(nowMs, [tip.ats.at(size - 1)]),
    x,
  });
  const note = formatNote(signCheckpoint(headOf(identity, entry), key));
  const edge = { size: 1, noteSize: 1, note, proof: [] };
  return { identity: { ...identity, log }, key, entry, edge, previous: { log: tip.log, size } };
}

/**
 * Logs of this partner that nothing goes on from, ours first; or why no further one may be opened. Others that a replaced key opened
 * are left out: they can never speak for us.
 */
export function tipsOf({ replica }: Held, { partner, log }: LedgerIdentity): readonly HeldLog[] | NoNextLog {
  const mine = [...replica.logs.values()].filter(({ by, base }) => by === partner && base === null);
  const { logs: most } = budgets.partner;
  if (mine.length >= most)
    return { code: "too-many-logs", detail: `a partner has at most ${most} logs in a network` };
  const open = mine.filter((each) => successorsOf(mine, each.log).length === 0);
  const yields = (each: HeldLog): boolean => open.some((other) => isOutranked(each, other, replica.logs));
  const tips = open.filter((each) => each.log === log || !yields(each));
  return [...tips.filter((each) => each.log === log), ...tips.filter((each) => each.log !== log)];
}

/** Two logs go on side by side: neither has authority until the root key closes both. */
export function isSuccessionForked(held: Held, identity: LedgerIdentity): boolean {
  const tips = tipsOf(held, identity);
  return !("code" in tips) && tips.length > 1;
}

export const closedAt = ({ log, tree }: HeldLog, size: number): ClosedLog => ({
  log,
  size,
  root: toB64u(tree.root(size)),
});

/** Entry 0 of a log that goes on from `tip`, whose name it keeps, and its witness where none is given. */
export function openingOf(
  { net, partner: by }: LedgerIdentity,
  log: LogId,
  tip: HeldLog,
  {
    version,
    at,
    x,
  }: {
    readonly version: HeaderVersion;
    readonly at: At;
    readonly x: Omit<LogOpenedX, "witness" | "name"> & Partial<Pick<LogOpenedX, "witness">>;
  },
): VerifiedEntry {
  const { witness, name } = tip.authority.opened;
  const header: Header = {
    v: version,
    net,
    by,
    log,
    seq: 0,
    at,
    parents: [],
    type: "log.opened",
    subject: null,
    audience: "network",
    payload: null,
    x: { witness, ...x, name } as Header["x"],
  };
  const bytes = encodeHeader(header);
  const read = parseHeader(bytes);
  if (!read.ok) throw new LedgerError("unusable", `a log cannot be opened so: ${read.detail}`);
  return verifiedEntry(read.value, bytes);
}

/** The tree head that an opening's control checkpoint is over. */
export const headOf = ({ net, partner }: LedgerIdentity, { header, hash }: VerifiedEntry) => ({
  origin: originOf(net, partner, header.log),
  size: 1,
  root: hash,
});

/** Entries further ahead than others take are left behind: whatever comes after them would be ahead as well. */
export function closingSize(tip: HeldLog, nowMs: number): number {
  let size = tip.held;
  while (size > 1 && tip.ats.at(size - 1)[0] > nowMs + limits.futureMs) size -= 1;
  return size;
}

/** Makes the next log durable and ours. @throws {StorageError} As `writeRuns`. */
export async function installNextLog(
  { identity, key, witness, entry, edge }: NextLog,
  context: {
    readonly dir: string;
    readonly fences: Fences;
    readonly stores: LineStores;
    readonly own: OwnLog;
    readonly held: Held;
    readonly sealing: Sealing;
  },
): Promise<Durable> {
  const { dir, fences, stores, own, held, sealing } = context;
  const { log, partner: by } = identity;
  const files = filesIn(dir);
  // First the one that nothing waits for: a start takes both, or neither.
  if (witness !== undefined) writeWitnessKey(files.nextWitnessKey, witness);
  writeLogKey(files.nextLogKey, identity, key);
  const tag = own.fence === null ? null : readTag(dir);
  const binding = tag === null ? bind(dir, fences) : { tag, place: fences.place(dir) };
  const fence = fences.open(log, binding);
  await fence.set({ log, size: 0, root: emptyRoot() });
  held.replica.hold(entry);
  held.fold(entry, log);
  const run = { log, by, from: 0, entries: [entry], payloads: [], lacking: [], edge };
  const { positions } = await writeRuns({ runs: [run], replies: [] }, { stores, held, sealing });
  held.replica.setEdge(log, edge);
  takeNextKey(dir);
  await fence.set({ log, size: 1, root: entry.hash });
  await own.fence?.[Symbol.asyncDispose]();
  own.lock[Symbol.dispose]();
  own.identity = identity;
  own.key = key;
  own.fence = fence;
  own.lock = fences.lock(log);
  return {
    line: log,
    log,
    by,
    base: null,
    from: 0,
    entries: [entry],
    edge,
    position: positions[0] as number,
    isOwn: true,
  };
}

/**
 * What a start does with a next log that was begun: it is ours once its opening is durable, and else was never opened.
 *
 * @throws {LedgerError} `unusable` for a whole file that cannot be used: it may be the only copy of the key of a log that is open.
 */
export function finishNextLog(dir: string, isHeld: (log: LogId) => boolean): void {
  const { nextLogKey, nextWitnessKey } = filesIn(dir);
  const isOpened =
    existsSync(nextLogKey) && !isCutOff(nextLogKey) && isHeld(readLogKey(nextLogKey).identity.log);
  if (isOpened) takeNextKey(dir);
  else for (const path of [nextLogKey, nextWitnessKey]) rmSync(path, { force: true });
}

/** Whether the process ended while it wrote the file: nothing was opened with it yet. */
const isCutOff = (path: string): boolean => !readFileSync(path, "utf8").endsWith("}\n");

function takeNextKey(dir: string): void {
  const { nextLogKey, logKey, nextWitnessKey, witnessKey, keys } = filesIn(dir);
  if (existsSync(nextWitnessKey)) renameSync(nextWitnessKey, witnessKey);
  renameSync(nextLogKey, logKey);
  syncFolder(keys);
}
