/** Frames of what is durable: a range for a request, and the end of an arrival for subscribers. */
import { type Frame, formatFrame } from "@handfast/protocol/frame";
import type { LineId, NetworkId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { type Edge, proofTo } from "@handfast/replica/edge";
import type { Arrival, HeldLog } from "@handfast/replica/replica";
import { leafHash, sameHash } from "@handfast/tlog/tree";
import { damaged } from "./fault.ts";
import { isSigned } from "./held.ts";
import type { Stores } from "./stores.ts";

/** How many of these headers, from the first on or from the last back, fit into one batch. */
function fitting(headers: readonly Uint8Array[], most: number): number {
  let bytes = 0;
  let count = 0;
  for (const header of headers) {
    bytes += header.length + 1;
    if (count === most || bytes > limits.batchHeaderBytes) break;
    count += 1;
  }
  return count;
}

/**
 * Entries from `from` on: as many as were asked for, fit, and lie on one side of a control entry, under the nearest checkpoint
 * that proves them. `from` lies below the edge's size.
 */
export async function rangeFrame(
  { logs, node }: Stores,
  known: HeldLog,
  edge: Edge,
  request: { readonly net: NetworkId; readonly from: number; readonly limit: number },
): Promise<Uint8Array> {
  const { net, from } = request;
  const end = from === 0 ? 1 : Math.min(edge.size, from + Math.min(request.limit, limits.rangeEntries));
  const all = await readVerified(logs, known, from, end);
  const headers = all.slice(0, fitting(all, limits.rangeEntries));
  const to = from + headers.length;
  const checkpoint = node.checkpointFrom(known.line, to);
  if (checkpoint !== null && !isSigned(known, net, checkpoint.note, checkpoint.size))
    throw damaged(`the checkpoint of log ${known.line} at ${checkpoint.size} is no longer what was stored`);
  const above =
    checkpoint === null
      ? edge
      : { size: checkpoint.size, noteSize: checkpoint.size, note: checkpoint.note, proof: [] };
  const proof = proofTo(above, to, known.tree.read);
  return formatFrame({ net, log: known.log, from, to, headers, proof, note: above.note });
}

/**
 * Headers [from, to) of a held log, each compared with the leaf of its tree.
 *
 * @throws {LedgerError} `fatal` where the disk gives back something else.
 */
export async function readVerified(
  logs: Stores["logs"],
  { line, tree }: HeldLog,
  from: number,
  to: number,
): Promise<readonly Uint8Array[]> {
  const headers = await logs.read(line, from, to);
  if (headers.length !== to - from) throw damaged(`entries of log ${line} from ${from} on are missing`);
  for (const [index, header] of headers.entries())
    if (!sameHash(leafHash(header), tree.leaf(from + index)))
      throw damaged(`entry ${line}.${from + index} is no longer what was stored`);
  return headers;
}

/** The last entries of what has just become durable, as one frame: live is a hint, ranges are the truth. */
export function arrivalFrame(
  net: NetworkId,
  { log, from, entries, edge }: Pick<Arrival, "log" | "from" | "entries" | "edge">,
): Uint8Array {
  const backwards = entries.map(({ bytes }) => bytes).reverse();
  const headers = backwards.slice(0, fitting(backwards, limits.batchEntries)).reverse();
  const to = from + entries.length;
  const frame: Frame = {
    net,
    log,
    from: to - headers.length,
    to,
    headers,
    proof: edge.proof,
    note: edge.note,
  };
  return formatFrame(frame);
}

/** Where every line stood when its last append became durable: what others are told, whatever is being written. */
export type Served = Map<LineId, { readonly known: HeldLog; readonly edge: Edge }>;
