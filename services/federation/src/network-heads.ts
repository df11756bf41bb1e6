/**
 * The heads of the network as a subject, and who was sponsored: what a sponsorship has to name as its past, so that its
 * electorate holds everyone who was a member in the sponsor's eyes. Follows the ledger by position.
 */

import { toBytes } from "@handfast/protocol/bytes";
import { isNetworkLevel } from "@handfast/protocol/events";
import { parseHeader } from "@handfast/protocol/header";
import {
  fromMultikey,
  type LogId,
  type PinnedRef,
  pin,
  refOf,
  splitRef,
  unpin,
} from "@handfast/protocol/ids";
import type { LedgerPort } from "./ledger-port.ts";

/** Per log the highest seq that is in the past; shared with the entry before where nothing was added. */
type Past = ReadonlyMap<LogId, number>;

export interface NetworkHeads {
  /** Reads on to the newest entry held. */
  refresh(): Promise<{
    readonly heads: readonly PinnedRef[];
    isSponsored(root: string, log: LogId): boolean;
  }>;
}

const page = 1_000;

export function followNetworkHeads(ledger: Pick<LedgerPort, "read">): NetworkHeads {
  const pasts = new Map<LogId, Past[]>();
  const heads = new Map<LogId, PinnedRef>();
  const sponsored = new Set<string>();
  let position = 0;

  /** Entries arrive after everything in their past, so one pass is enough. */
  const visit = (headerText: string, hash: string): void => {
    const parsed = parseHeader(toBytes(headerText));
    if (!parsed.ok) return;
    const { log, seq, parents, type, x } = parsed.value;
    const before = pasts.get(log) ?? [];
    const past = new Map(before[seq - 1] ?? []);
    if (seq > 0) past.set(log, seq - 1);
    for (const parent of parents) {
      const { log: other, seq: at } = splitRef(unpin(parent));
      for (const [each, most] of pasts.get(other)?.[at] ?? [])
        past.set(each, Math.max(most, past.get(each) ?? -1));
      past.set(other, Math.max(at, past.get(other) ?? -1));
    }
    before[seq] = past;
    pasts.set(log, before);
    if (!isNetworkLevel(type)) return;
    for (const [other, head] of heads) if ((past.get(other) ?? -1) >= splitRef(head).seq) heads.delete(other);
    heads.set(log, pin(refOf(log, seq), hash));
    const { root, log: theirs } = x as { readonly root?: unknown; readonly log?: unknown };
    if (type === "member.sponsored" && typeof root === "string" && fromMultikey(root) !== null) {
      sponsored.add(`${root} ${theirs}`);
    }
  };

  return {
    refresh: async () => {
      for (;;) {
        const { entries, head } = await ledger.read({ after: position, limit: page });
        for (const { header, hash, position: at } of entries) {
          visit(header, hash);
          position = at;
        }
        if (entries.length === 0 || position >= head) break;
      }
      return {
        heads: [...heads.values()].sort(),
        isSponsored: (root, log) => sponsored.has(`${root} ${log}`),
      };
    },
  };
}
