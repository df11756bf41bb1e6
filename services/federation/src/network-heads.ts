/**
 * The heads of the network as a subject, and who was sponsored: what a sponsorship has to name as its past, so that its
 * electorate holds everyone who was a member in the sponsor's eyes. Follows the ledger by position.
 */

import { toBytes } from "@handfast/protocol/bytes";
import { levelOf } from "@handfast/protocol/events";
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
import type { LedgerClient } from "@handfast/service-kit/ledger-client";

/** Per other log the highest seq that is in the past; shared with the entry before where nothing was added. */
type Past = ReadonlyMap<LogId, number>;
const nothing: Past = new Map();

export interface NetworkHeads {
  /** Reads on to the newest entry held. */
  refresh(): Promise<{
    readonly heads: readonly PinnedRef[];
    isSponsored(root: string, log: LogId): boolean;
  }>;
}

const page = 1_000;

export function followNetworkHeads(ledger: Pick<LedgerClient, "read">): NetworkHeads {
  const pasts = new Map<LogId, Past[]>();
  const heads = new Map<LogId, PinnedRef>();
  const sponsored = new Set<string>();
  let position = 0;

  const withParents = (before: Past | undefined, parents: readonly PinnedRef[]): Past => {
    const past = new Map(before);
    const reach = (log: LogId, seq: number) => past.set(log, Math.max(seq, past.get(log) ?? -1));
    for (const parent of parents) {
      const { log, seq } = splitRef(unpin(parent));
      for (const [other, most] of pasts.get(log)?.[seq] ?? nothing) reach(other, most);
      reach(log, seq);
    }
    return past;
  };

  /** Entries arrive after everything in their past, so one pass is enough. */
  const visit = (headerText: string, hash: string): void => {
    const parsed = parseHeader(toBytes(headerText));
    if (!parsed.ok) return;
    const { log, seq, parents, type, x } = parsed.value;
    const before = pasts.get(log) ?? [];
    const past = parents.length === 0 ? (before[seq - 1] ?? nothing) : withParents(before[seq - 1], parents);
    before[seq] = past;
    pasts.set(log, before);
    if (levelOf(type) !== "network") return;
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
