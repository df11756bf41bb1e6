/**
 * Accounts of invitations at our nats-server. One is closed a minute after the partner who used the invitation was first heard over
 * its link, or once the invitation has expired: whatever its bearer still holds open ends with it.
 */
import { budgets } from "@handfast/protocol/budgets";
import type { PartnerId } from "@handfast/protocol/ids";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { LinksStore, StoredInvitation } from "./links-store.ts";
import type { Timers } from "./timers.ts";
import type { Wire } from "./wire.ts";

const sweepMs = 3_600_000;

/** @returns Tells that a partner was heard over a link that we host. */
export function watchLobbies(deps: {
  readonly store: LinksStore;
  readonly wire: Pick<Wire, "forget">;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: Events;
}): (peer: PartnerId) => void {
  const { store, wire, clock, timers, events } = deps;
  const closeWhere = async (isOver: (invitation: StoredInvitation) => boolean): Promise<void> => {
    for (const invitation of store.openInvitations()) {
      if (invitation.lobby === null || !isOver(invitation)) continue;
      store.keepInvitation({ ...invitation, lobby: null });
      await wire.forget(invitation.lobby);
    }
  };
  const close = (isOver: (invitation: StoredInvitation) => boolean): void => {
    closeWhere(isOver).catch((err: unknown) => events.failed("close the lobby", err));
  };
  // A join that was begun in time may still be under way.
  timers.every(sweepMs, () => close(({ expires }) => expires + budgets.lobby.graceMs < clock.now()));
  return (peer) => {
    timers.after(budgets.lobby.graceMs, () => close(({ usedBy }) => usedBy?.peer === peer));
  };
}
