/**
 * Who is a member, as the ledger of this node says: texts go to members and come from members. Read anew when an entry about
 * membership has become durable. A cache of the truth, never the truth.
 */

import type { StandingReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { budgets } from "@handfast/protocol/budgets";
import type { PartnerId } from "@handfast/protocol/ids";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { Events } from "./events.ts";
import type { Timers } from "./timers.ts";

type Known = StandingReply["partners"][number];

export interface Standing extends AsyncDisposable {
  /** A member now: it is given texts. */
  isActive(partner: PartnerId): boolean;
  /** How many entries are taken of a log of this partner of which nothing is held. */
  firstMost(partner: PartnerId): number;
  /** As last read; undefined where nothing of this partner is held. */
  of(partner: PartnerId): Known | undefined;
  refresh(): Promise<void>;
}

/** Votes come together: one look for all of them. */
const gatherMs = 20;

/** @param onChanged Told when somebody is admitted, joined or left. */
export async function followStanding(deps: {
  readonly home: Bus;
  readonly ledger: LedgerClient;
  readonly timers: Timers;
  readonly events: Events;
  readonly onChanged: () => void;
}): Promise<Standing> {
  const { home, ledger, timers, events } = deps;
  let known = new Map<PartnerId, Known>();
  let waiting: Disposable | null = null;

  const refresh = async (): Promise<void> => {
    const { partners } = await ledger.standing();
    const before = known;
    known = new Map(partners.map((one) => [one.partner, one]));
    const isChanged = partners.some(({ partner, isActive, isAdmitted }) => {
      const was = before.get(partner);
      return (was?.isActive ?? false) !== isActive || (was?.isAdmitted ?? false) !== isAdmitted;
    });
    if (isChanged) deps.onChanged();
  };
  const refreshSoon = (): void => {
    waiting ??= timers.after(gatherMs, () => {
      waiting = null;
      refresh().catch((err: unknown) => events.ledgerFailed("standing", err));
    });
  };
  const followed = home.subscribe(subjects.standingNotice, refreshSoon, { maxPending: 1_024 });
  await refresh();
  return {
    isActive: (partner) => known.get(partner)?.isActive ?? false,
    firstMost: (partner) => {
      const one = known.get(partner);
      return one === undefined ? budgets.newcomer.entries : Math.max(0, one.most - one.entries);
    },
    of: (partner) => known.get(partner),
    refresh,
    [Symbol.asyncDispose]: async () => {
      waiting?.[Symbol.dispose]();
      await followed[Symbol.asyncDispose]();
    },
  };
}
