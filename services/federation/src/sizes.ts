/** How far this node holds each log: read from the ledger, kept current by what it accepts. A cache of the truth, never the truth. */

import type { HeadsReply } from "@handfast/api/messages/ledger";
import { type Head, linkRules } from "@handfast/protocol/federation";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";

export interface Sizes {
  of(log: LogId): number;
  authorOf(log: LogId): PartnerId | null;
  /** How many entries of it this node takes now, by its author's standing; null where nothing of it is held. */
  mostOf(log: LogId): number | null;
  all(): ReadonlyMap<LogId, { readonly by: PartnerId; readonly size: number }>;
  /** What a greeting or a nudge tells: as many as one may hold, without proof. */
  told(): Head[];
  /** Never goes back: answers may overtake each other. */
  grew(log: LogId, size: number, by?: PartnerId): void;
  /** Reads all heads anew. */
  refresh(): Promise<HeadsReply["logs"]>;
}

export function createSizes(ledger: LedgerClient): Sizes {
  const held = new Map<LogId, { readonly by: PartnerId; readonly size: number }>();
  let most = new Map<LogId, number>();
  const grew: Sizes["grew"] = (log, size, by) => {
    const before = held.get(log);
    const author = by ?? before?.by;
    if (author !== undefined && size > (before?.size ?? 0)) held.set(log, { by: author, size });
  };
  return {
    of: (log) => held.get(log)?.size ?? 0,
    authorOf: (log) => held.get(log)?.by ?? null,
    mostOf: (log) => most.get(log) ?? null,
    all: () => held,
    grew,
    told: () => [...held].slice(0, linkRules.nudgeHeads).map(([log, { by, size }]) => ({ by, log, size })),
    refresh: async () => {
      const { logs } = await ledger.heads();
      for (const { log, branch, size, by } of logs) if (branch === undefined) grew(log, size, by);
      most = new Map(logs.flatMap((one) => (one.branch === undefined ? [[one.log, one.most]] : [])));
      return logs;
    },
  };
}
