/**
 * What the ledger knows while it runs: the right edge of every log, what each log knows of the others, the heads of subjects.
 * It is read back from the stores at a start, and again where a write failed; older entries stay on disk.
 */

import { toB64u } from "@handfast/protocol/bytes";
import type { Charter } from "@handfast/protocol/charter";
import { subjectOf } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { createHeads, type Heads } from "@handfast/replica/heads";
import {
  createReplica,
  type HeldLog,
  type Replica,
  type VerifiedEntry,
  verifiedEntry,
} from "@handfast/replica/replica";
import { type Known, type SegmentReader, segmentEntries } from "@handfast/replica/segment";
import { parseCheckpoint } from "@handfast/tlog/checkpoint";
import { rootBeyond } from "@handfast/tlog/proofs";
import { sameHash } from "@handfast/tlog/tree";
import { damaged } from "./fault.ts";
import { createStanding, type Standing } from "./standing.ts";
import type { Stores } from "./stores.ts";

export type Held = {
  readonly replica: Replica;
  readonly heads: Heads;
  readonly standing: Standing;
  /** Logs of a partner that are known. */
  logsOf(partner: PartnerId): readonly HeldLog[];
  /** Bytes of headers of a log of which less than a segment is held. */
  bytesOf(log: HeldLog): number;
  /** Takes an entry that is held into its subject's heads. */
  fold(entry: VerifiedEntry): void;
};

const decoder = new TextDecoder();

/** Of a network of which nothing is held. Without stores it keeps everything in memory. */
export function createHeld(
  network: { readonly net: NetworkId; readonly charter: Pick<Charter, "founders"> },
  kept: { readonly readCold?: SegmentReader; readonly heads?: Heads } = {},
): Held & { readonly count: (entry: VerifiedEntry) => void } {
  const { heads = createHeads(), readCold } = kept;
  const standing = createStanding(network);
  const bytes = new Map<LogId, number>();
  const count = ({ header: { log, seq }, bytes: { length } }: VerifiedEntry): void => {
    if (seq < segmentEntries) bytes.set(log, (bytes.get(log) ?? 0) + length);
  };
  const replica = createReplica({
    ...network,
    ...(readCold === undefined ? {} : { readCold }),
    opens: (entry) => {
      count(entry);
      return standing.take(entry, replica.pasts.of(entry.header.log, entry.header.seq));
    },
  });
  return {
    replica,
    heads,
    standing,
    count,
    logsOf: (partner) => [...replica.logs.values()].filter(({ by }) => by === partner),
    bytesOf: ({ log, waiting }) =>
      (bytes.get(log) ?? 0) +
      waiting.flatMap(({ entries }) => entries).reduce((sum, each) => sum + each.bytes.length, 0),
    fold: (entry) => {
      const { log, seq } = entry.header;
      const past = replica.pasts.of(log, seq);
      if (standing.isByMember(entry, past))
        heads.add(subjectOf(entry.header), { log, seq, hash: toB64u(entry.hash) }, past);
    },
  };
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
  for (const { log, by, edge } of node.logs()) {
    const opening = await storedEntry(logs, log, 0);
    if (opening.header.by !== by) throw damaged(`entry 0 of log ${log} is of another author`);
    const roots = node.segmentRoots(log);
    const tailFrom = roots.length * segmentEntries;
    if (tailFrom > edge.size || edge.size - tailFrom >= segmentEntries)
      throw damaged(`${roots.length} segments do not fit log ${log} of ${edge.size} entries`);
    replica.resume({ opening: opening.header, roots, knows: knownAfter(node, log, roots.length) });
    const learned = node.learned(log, tailFrom, edge.size);
    const tail = await logs.read(log, tailFrom, edge.size);
    for (const [index, bytes] of tail.entries()) {
      const entry = readEntry(bytes, log, tailFrom + index);
      replica.restore(entry, learned.get(tailFrom + index) ?? new Map());
      count(entry);
    }
    const known = replica.logs.get(log);
    const parsed = parseCheckpoint(edge.note);
    const beyond =
      known?.held === edge.size ? rootBeyond(known.tree.range(edge.size), edge.proof, edge.noteSize) : null;
    const isWhole = beyond?.ok && parsed.ok && sameHash(beyond.root, parsed.checkpoint.root);
    if (!isWhole) throw damaged(`what is stored of log ${log} is not what its checkpoint says`);
    replica.setEdge(log, edge);
  }
  for (const { log, seq } of node.networkEntries()) {
    const sponsored = standing.take(await storedEntry(logs, log, seq), replica.pasts.of(log, seq));
    if (sponsored !== null) replica.allow(sponsored);
  }
  for (const { log } of node.forks()) replica.freeze(log);
  return held;
}

/** What a log knows of others behind its first `segments` full segments. */
function knownAfter(node: Stores["node"], log: LogId, segments: number): Known {
  if (segments === 0) return new Map();
  const { base, learned } = node.segment(log, segments - 1);
  const known = new Map(base);
  for (const [, rises] of [...learned].sort(([a], [b]) => a - b))
    for (const [other, seq] of rises) known.set(other, seq);
  return known;
}

async function storedEntry(logs: Stores["logs"], log: LogId, seq: number): Promise<VerifiedEntry> {
  const [bytes] = await logs.read(log, seq, seq + 1);
  if (bytes === undefined) throw damaged(`entry ${log}.${seq} is missing`);
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
