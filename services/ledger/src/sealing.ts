/**
 * What is signed is what was read back. Inside the transaction the stored bytes are hashed again: our own batch's root is
 * computed from them and signed, a foreign one's leaves are compared with those that were verified.
 */
import type { Edge, Seal } from "@handfast/eventlog/event-log";
import { type Arrival, originOf, type Replica } from "@handfast/replica/replica";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { appendLeafHash, cloneRange, rootOf } from "@handfast/tlog/compact-range";
import type { Signer } from "@handfast/tlog/ed25519";
import { formatNote } from "@handfast/tlog/note";
import { leafHash, sameHash } from "@handfast/tlog/tree";
import { LedgerError } from "./fault.ts";
import type { LedgerIdentity } from "./files.ts";

export type Sealing = {
  /** The seal of one append, in which these foreign arrivals are written. */
  sealOf(arrivals: readonly Arrival[]): Seal;
  /** Our own log's edge as the last seal left it: true once that append is durable. */
  readonly ownEdge: Edge | null;
  /** The root that the edge's checkpoint is over. */
  readonly ownRoot: Uint8Array;
};

export function createSealing(
  replica: Replica,
  { net, partner, log: ownLog }: LedgerIdentity,
  key: Signer,
): Sealing {
  const origin = originOf(net, partner, ownLog);
  const own = replica.logs.get(ownLog);
  if (own === undefined) throw new LedgerError("fatal", "our own log is not held");
  let range = own.tree.range(own.held);
  let ownEdge = own.edge;

  const signed = (hashes: readonly Uint8Array[]): Edge => {
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
    sealOf: (arrivals) => {
      const edges = new Map(arrivals.map(({ log, from, edge }) => [`${log} ${from}`, edge]));
      return ({ log, from, headers }, stored) => {
        const known = replica.logs.get(log);
        const hashes = stored.map(leafHash);
        const isSame =
          known !== undefined &&
          hashes.length === headers.length &&
          hashes.every((hash, index) => sameHash(hash, known.tree.leaf(from + index)));
        if (!isSame) throw new Error(`${log}: what was read back is not what was written`);
        if (log === ownLog) return signed(hashes);
        const edge = edges.get(`${log} ${from}`);
        if (edge === undefined) throw new Error(`${log}: nothing proves what was written`);
        return edge;
      };
    },
    get ownEdge() {
      return ownEdge;
    },
    get ownRoot() {
      return rootOf(range);
    },
  };
}
