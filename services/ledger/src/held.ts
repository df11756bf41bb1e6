/**
 * What the ledger knows while it runs: the right edge of every log, what each log knows of the others, the heads of subjects.
 * It is read back from the stores at a start, and again where a write failed; older entries stay on disk.
 */

import { toB64u } from "@handfast/protocol/bytes";
import type { Charter } from "@handfast/protocol/charter";
import { subjectOf } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import { type LineId, type LogId, type NetworkId, type PartnerId, refOf } from "@handfast/protocol/ids";
import type { ProvenFork } from "@handfast/protocol/log";
import { createHeads, type Heads, prefetchedAtOnce } from "@handfast/replica/heads";
import { sharedSegments } from "@handfast/replica/lines";
import { type Names, namesIn, namingOf } from "@handfast/replica/naming";
import type { Past } from "@handfast/replica/pasts";
import {
  type Arrival,
  createReplica,
  type HeldLog,
  originOf,
  type Replica,
  type VerifiedEntry,
  verifiedEntry,
} from "@handfast/replica/replica";
import { type Known, type SegmentReader, segmentEntries } from "@handfast/replica/segment";
import { openCheckpoint, parseCheckpoint } from "@handfast/tlog/checkpoint";
import { rootBeyond } from "@handfast/tlog/proofs";
import { sameHash } from "@handfast/tlog/tree";
import { damaged } from "./fault.ts";
import { createStanding, type Standing } from "./standing.ts";
import type { Stores } from "./stores.ts";

export type PlacedEntry = {
  readonly entry: VerifiedEntry;
  readonly line: LineId;
  readonly past: Past;
  readonly isBranch: boolean;
  readonly names: Names | null;
  readonly fork: ProvenFork | null;
};

export type Held = {
  readonly replica: Replica;
  readonly heads: Heads;
  readonly standing: Standing;
  /** Logs of a partner that are known. */
  logsOf(partner: PartnerId): readonly HeldLog[];
  /** Bytes of headers of a log of which less than a segment is held. */
  bytesOf(log: HeldLog): number;
  /** Takes an entry that is held into its subject's heads. */
  fold(entry: VerifiedEntry, line: LineId): void;
};

const decoder = new TextDecoder();

/** Of a network of which nothing is held. Without stores it keeps everything in memory. */
export function createHeld(
  network: { readonly net: NetworkId; readonly charter: Pick<Charter, "founders" | "headers"> },
  kept: { readonly readCold?: SegmentReader; readonly heads?: Heads } = {},
): Held & { readonly count: (entry: VerifiedEntry, line: LineId) => void } {
  const { heads = createHeads(), readCold } = kept;
  const standing = createStanding(network);
  const bytes = new Map<LineId, number>();
  const count = ({ header: { seq }, bytes: { length } }: VerifiedEntry, line: LineId): void => {
    if (seq < segmentEntries) bytes.set(line, (bytes.get(line) ?? 0) + length);
  };
  const replica = createReplica({
    ...network,
    ...(readCold === undefined ? {} : { readCold }),
    opens: (entry, line) => {
      count(entry, line);
      return standing.take(placedIn(replica, entry, line));
    },
  });
  return {
    replica,
    heads,
    standing,
    count,
    logsOf: (partner) => [...replica.logs.values()].filter(({ by }) => by === partner),
    bytesOf: ({ line, waiting }) =>
      (bytes.get(line) ?? 0) +
      waiting.flatMap(({ entries }) => entries).reduce((sum, each) => sum + each.bytes.length, 0),
    fold: (entry, line) => {
      const placed = placedIn(replica, entry, line);
      if (!standing.isByMember(placed)) return;
      const { seq } = entry.header;
      heads.add(subjectOn(placed), { log: line, seq, hash: toB64u(entry.hash) }, placed.past);
    },
  };
}

/** A held entry, as this node places it among the histories of logs. */
export function placedIn(
  { lines, logs, pasts, provenBy }: Replica,
  entry: VerifiedEntry,
  line: LineId,
): PlacedEntry {
  const { seq } = entry.header;
  const standing = logs.get(line);
  const names =
    lines.forked.size === 0 || standing === undefined
      ? null
      : namesIn(entry.header, namingOf(standing, seq, { lines, pasts }), lines);
  return {
    entry,
    line,
    past: pasts.of(line, seq),
    isBranch: standing?.base !== null && standing !== undefined,
    names,
    fork: provenBy(refOf(line, seq)),
  };
}

/** The subject of an entry as this node names it: on a branch, things have names of their own. */
function subjectOn({ entry: { header }, line, names }: PlacedEntry): string {
  const { subject } = header;
  const meant = subject === null ? null : names?.[subject];
  return subjectOf({ ...header, log: line, subject: meant ?? subject });
}

/**
 * Goes on from what the node store keeps. The right edge of every log is read from disk and verified: with the nodes of the
 * tree that are kept, the entries after the last full segment must give the root that the log's checkpoint says.
 *
 * @throws {LedgerError} `fatal` where they do not.
 */
export async function readHeld(
  { logs, node }: Stores,
  network: { readonly net: NetworkId; readonly charter: Charter },
): Promise<Held> {
  const heads = createHeads({ one: node.heads, many: node.headsOfMany });
  const { count, ...held } = createHeld(network, { readCold: node.segment, heads });
  const { replica, standing } = held;
  for (const { log: line, by, edge, branch } of node.logs()) {
    const log = branch?.of ?? line;
    const opening = await storedEntry(logs, line, log, 0);
    if (opening.header.by !== by) throw damaged(`entry 0 of log ${line} is of another author`);
    const roots = node.segmentRoots(line);
    const segments = (branch === null ? 0 : sharedSegments(branch)) + roots.length;
    const tailFrom = branch === null || roots.length > 0 ? segments * segmentEntries : branch.size;
    if (tailFrom > edge.size || edge.size - segments * segmentEntries >= segmentEntries)
      throw damaged(`${segments} segments do not fit log ${line} of ${edge.size} entries`);
    replica.resume({
      opening: opening.header,
      ...(branch === null ? {} : { branch: { line, ...branch } }),
      roots,
      knows: roots.length === 0 ? new Map() : knownAfter(node, line, segments),
    });
    const learned = node.learned(line, tailFrom, edge.size);
    const tail = await logs.read(line, tailFrom, edge.size);
    for (const [index, bytes] of tail.entries()) {
      const entry = readEntry(bytes, log, tailFrom + index);
      replica.restore(entry, learned.get(tailFrom + index) ?? new Map(), line);
      count(entry, line);
    }
    const known = replica.logs.get(line);
    const parsed = parseCheckpoint(edge.note);
    const beyond =
      known?.held === edge.size ? rootBeyond(known.tree.range(edge.size), edge.proof, edge.noteSize) : null;
    const isWhole = beyond?.ok && parsed.ok && sameHash(beyond.root, parsed.checkpoint.root);
    if (!isWhole || known === undefined || !isSigned(known, network.net, edge.note, edge.noteSize))
      throw damaged(`what is stored of log ${line} is not what its checkpoint says`);
    replica.setEdge(line, edge);
  }
  for (const { log: line, seq, proves } of node.proofs()) replica.believe(refOf(line, seq), proves);
  for (const { log: line, seq } of node.networkEntries()) {
    const log = replica.logs.get(line)?.log ?? line;
    const entry = await storedEntry(logs, line, log, seq);
    const sponsored = standing.take(placedIn(replica, entry, line));
    if (sponsored !== null) replica.allow(sponsored);
  }
  return held;
}

/** Whether a note of a held log still carries the signature it came with: with another one, peers would blame us for it. */
export function isSigned(
  { log, by, authority }: HeldLog,
  net: NetworkId,
  note: string,
  size: number,
): boolean {
  return openCheckpoint(note, originOf(net, by, log), authority.keysAt(size)).ok;
}

/** What a log knows of others behind its first `segments` full segments. */
function knownAfter(node: Stores["node"], log: LineId, segments: number): Known {
  const { base, learned } = node.segment(log, segments - 1);
  const known = new Map(base);
  for (const [, rises] of [...learned].sort(([a], [b]) => a - b))
    for (const [other, seq] of rises) known.set(other, seq);
  return known;
}

async function storedEntry(
  logs: Stores["logs"],
  line: LineId,
  log: LogId,
  seq: number,
): Promise<VerifiedEntry> {
  const [bytes] = await logs.read(line, seq, seq + 1);
  if (bytes === undefined) throw damaged(`entry ${line}.${seq} is missing`);
  return readEntry(bytes, log, seq);
}

/** An entry that passed the gate when it came in; that these are its bytes is what roots are for. */
export function readEntry(bytes: Uint8Array, log: LogId, seq: number): VerifiedEntry {
  let header: Header;
  try {
    header = JSON.parse(decoder.decode(bytes)) as Header;
  } catch (cause) {
    throw damaged(`entry ${log}.${seq} is not what was stored`, cause);
  }
  if (header.log !== log || header.seq !== seq) throw damaged(`entry ${log}.${seq} is another one`);
  return verifiedEntry(header, bytes);
}

/** Folds entries that this replica just took, in their order. */
export function foldAll({ heads, fold }: Held, { line, entries }: Pick<Arrival, "line" | "entries">): void {
  for (let from = 0; from < entries.length; from += prefetchedAtOnce) {
    const some = entries.slice(from, from + prefetchedAtOnce);
    heads.prefetch(some.map(({ header }) => subjectOf(header)));
    for (const entry of some) fold(entry, line);
  }
}
