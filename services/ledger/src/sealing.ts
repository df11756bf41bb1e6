/**
 * What is signed is what was read back. The stored bytes are hashed again: our own batch's root is computed from them and
 * signed, a foreign one's leaves are compared with those that were verified.
 */
import type { Edge } from "@handfast/replica/edge";
import { originOf, type Replica, type VerifiedEntry } from "@handfast/replica/replica";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { appendLeafHash, cloneRange, rootOf } from "@handfast/tlog/compact-range";
import { formatNote } from "@handfast/tlog/note";
import { leafHash, sameHash } from "@handfast/tlog/tree";
import { LedgerError } from "./fault.ts";
import type { OwnLog } from "./own-log.ts";

type SealedRun = {
  readonly log: string;
  readonly from: number;
  readonly entries: readonly VerifiedEntry[];
  readonly edge: Edge | null;
};

export type Sealing = {
  /** What proves a log from now on, given what was read back of a run. Throws where that is not what was written. */
  seal(run: SealedRun, stored: readonly Uint8Array[]): Edge;
  /** Our own log's edge as the last seal left it: true once that write is durable. */
  readonly ownEdge: Edge | null;
  /** The root that the edge's checkpoint is over. */
  readonly ownRoot: Uint8Array;
};

/** The edge that a run came with, once its bytes were compared. */
export function sealAsGiven(run: SealedRun, stored: readonly Uint8Array[]): Edge {
  hashesOf(run, stored);
  if (run.edge === null) throw new Error(`${run.log}: nothing proves what was written`);
  return run.edge;
}

function hashesOf({ log, entries }: SealedRun, stored: readonly Uint8Array[]): readonly Uint8Array[] {
  const hashes = stored.map(leafHash);
  const isSame =
    hashes.length === entries.length &&
    entries.every(({ hash }, index) => sameHash(hash, hashes[index] as Uint8Array));
  if (!isSame) throw new Error(`${log}: what was read back is not what was written`);
  return hashes;
}

export function createSealing(
  replica: Replica,
  { identity, key }: Pick<OwnLog, "identity" | "key">,
): Sealing {
  const { net, partner, log: ownLog } = identity;
  const origin = originOf(net, partner, ownLog);
  const own = replica.logs.get(ownLog);
  if (own === undefined) throw new LedgerError("fatal", "our own log is not held");
  let range = own.tree.range(own.held);
  let ownEdge = own.edge;

  const sign = (hashes: readonly Uint8Array[]): Edge => {
    const grown = cloneRange(range);
    for (const hash of hashes) appendLeafHash(grown, hash);
    const head = { origin, size: grown.size, root: rootOf(grown) };
    if (!sameHash(head.root, own.tree.root(head.size))) throw new Error("two ways to our own root differ");
    range = grown;
    ownEdge = {
      size: head.size,
      noteSize: head.size,
      note: formatNote(signCheckpoint(head, key)),
      proof: [],
    };
    return ownEdge;
  };

  return {
    // Entries of our own that a peer gave back come with their edge.
    seal: (run, stored) => (run.edge === null ? sign(hashesOf(run, stored)) : sealAsGiven(run, stored)),
    get ownEdge() {
      return ownEdge;
    },
    get ownRoot() {
      return rootOf(range);
    },
  };
}
