/** Logs whose author signed several histories, for people: whose they are, and what that means for this node. */
import type { LedgerStatus } from "@handfast/api/messages/ledger";
import type { ForkView } from "@handfast/api/views/node";
import type { Reads } from "@handfast/views/reads";

/** With the names under which the partners are known here. */
export const forkViews = (forks: LedgerStatus["forks"], reads: Reads): Promise<readonly ForkView[]> =>
  Promise.all(
    forks.map(async ({ by, ...fork }) => {
      const partner = await reads.one("partners", by, null);
      return { partner: by, name: partner?.name ?? null, ...fork };
    }),
  );

/** No trouble of this node: it keeps both, and goes on. */
export const forkNotes = (forks: readonly ForkView[]): readonly string[] =>
  forks.map(
    ({ partner, name, log, from }) =>
      `${name ?? partner} signed two histories of its log ${log}, which part at entry ${from}: nothing after that counts unless somebody relied on it`,
  );
