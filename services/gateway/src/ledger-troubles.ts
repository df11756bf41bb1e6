/** What of the ledger keeps the node from serving whole, in words for its operator: nothing where all is well. */
import type { LedgerStatus } from "@handfast/api/messages/ledger";
import { limits } from "@handfast/protocol/limits";
import { counted } from "@handfast/service-kit/progress";

export function ledgerTroubles(status: LedgerStatus): readonly string[] {
  const { writing, doubt, clock, damagedTexts } = status;
  const seconds = (ms: number): number => Math.round(ms / 1_000);
  return [
    ...(writing === "disk-full"
      ? ["the disk is full: every act is refused until there is room, reads go on"]
      : []),
    ...(writing === "fatal" ? ["the ledger has stopped writing: every act is refused"] : []),
    ...(doubt === null ? [] : [`nothing of this node's own is signed: ${doubt.detail} (handfast log)`]),
    ...(clock.aheadOfPeersMs > limits.futureMs
      ? [
          `nothing is signed: the clock is ${seconds(clock.aheadOfPeersMs)} s ahead of the peers' clocks: set it`,
        ]
      : []),
    ...(clock.lastEntryAheadMs > limits.futureMs
      ? [
          `nothing is signed: the log's last entry is ${seconds(clock.lastEntryAheadMs)} s ahead of the clock (handfast log)`,
        ]
      : []),
    ...(damagedTexts === 0
      ? []
      : [`${counted(damagedTexts, "text")} on this disk cannot be read back: asked of peers that hold them`]),
  ];
}
