/**
 * The order of writing: intent, log store, read back, sign, node store. At every step either nothing was said yet, and the
 * write can be finished or forgotten, or it is durable in both stores.
 */
import type { LogStore } from "@handfast/logstore/log-store";
import type { KeptReply, Run } from "@handfast/node-store/node-store";
import { sha256 } from "@handfast/protocol/bytes";
import { levelOf } from "@handfast/protocol/events";
import { refOf } from "@handfast/protocol/ids";
import type { Edge } from "@handfast/replica/edge";
import type { VerifiedEntry } from "@handfast/replica/replica";
import { segmentRoot } from "@handfast/replica/segment";
import { StorageError } from "@handfast/storage/fault";
import type { Held } from "./held.ts";
import type { LineStores } from "./line-store.ts";
import type { Sealing } from "./sealing.ts";

/** Entries of one log that are held in memory and become durable. */
export type WritingRun = Omit<Run, "to"> & {
  readonly entries: readonly VerifiedEntry[];
  /** What proves a foreign log then; null for our own, which is signed. */
  readonly edge: Edge | null;
};

export type Written = { readonly positions: readonly number[]; readonly edges: readonly Edge[] };

/** Recognizes the bytes of these entries. */
export const digestOf = (entries: readonly VerifiedEntry[]): Uint8Array =>
  sha256(Buffer.concat(entries.map(({ hash }) => hash)));

/**
 * @throws {StorageError} `disk-full`: nothing of it is in the stores. `outcome-unknown`: the process must end, and the next
 *   start finds out. Anything else means that what was read back is not what was written: nothing was signed.
 */
export async function writeRuns(
  {
    runs,
    replies,
    areAppended = false,
  }: {
    readonly runs: readonly WritingRun[];
    readonly replies: readonly KeptReply[];
    /** The log store holds the entries already. */
    readonly areAppended?: boolean;
  },
  {
    stores: { logs, node, beginBranch },
    held,
    sealing,
  }: {
    readonly stores: LineStores;
    readonly held: Pick<Held, "replica" | "heads">;
    readonly sealing: Pick<Sealing, "seal">;
  },
): Promise<Written> {
  const { replica, heads } = held;
  let appended = 0;
  for (const { log, branch } of runs) if (branch !== undefined) beginBranch(log, branch);
  node.begin({
    runs: runs.map(({ entries, ...run }) => ({
      ...run,
      to: run.from + entries.length,
      digest: digestOf(entries),
    })),
    replies,
  });
  try {
    const edges: Edge[] = [];
    for (const { log, from, entries } of areAppended ? [] : runs) {
      await append(logs, log, from, entries);
      appended += 1;
    }
    for (const { log, from, entries, edge } of runs) {
      const stored = await logs.read(log, from, from + entries.length);
      edges.push(sealing.seal({ log, from, entries, edge }, stored));
    }
    const learned = runs.flatMap(({ log, entries }) =>
      entries.flatMap(({ header: { seq } }) => {
        const known = replica.pasts.learned(log, seq);
        return known.size === 0 ? [] : [{ log, seq, known }];
      }),
    );
    const segments = [...new Set(runs.map(({ log }) => log))].flatMap((log) =>
      replica
        .fullSegments(log)
        .map(({ index, segment }) => ({ log, index, root: segmentRoot(segment.hashes), segment })),
    );
    const network = runs.flatMap(({ log, entries }) =>
      entries.flatMap(({ header: { type, seq } }) => (levelOf(type) === "network" ? [{ log, seq }] : [])),
    );
    const proofs = runs.flatMap(({ log, entries }) =>
      entries.flatMap(({ header: { seq } }) => {
        const proves = replica.provenBy(refOf(log, seq));
        return proves === null ? [] : [{ log, seq, proves }];
      }),
    );
    const positions = node.complete({ edges, learned, segments, heads: heads.changed, network, proofs });
    heads.keep();
    for (const { log, index } of segments) replica.keepSegments(log, index + 1);
    return { positions, edges };
  } catch (error) {
    const isForgotten = logs.durableWith === "commit" || (appended === 0 && !areAppended && isFull(error));
    if (isForgotten) node.abandon();
    if (isForgotten || !isFull(error)) throw error;
    // What the log store took stays; the next start finds it together with the intent.
    throw new StorageError(
      "outcome-unknown",
      "the log store took what the node store has no room for",
      error,
    );
  }
}

async function append(
  logs: LogStore,
  log: string,
  from: number,
  entries: readonly VerifiedEntry[],
): Promise<void> {
  const appended = await logs.append(
    log,
    from,
    entries.map(({ bytes }) => bytes),
  );
  if (!appended.ok)
    throw new Error(
      `the log store holds ${appended.size} entries of log ${log}, not ${from}: somebody else writes it`,
    );
}

const isFull = (error: unknown): boolean => error instanceof StorageError && error.code === "disk-full";
