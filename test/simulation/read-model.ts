/** What a node knows, as its partnership would hold it: the domain's folds over what the ledger hands out, in order of arrival. */

import type { Fact } from "@handfast/domain/fact";
import { toFact } from "@handfast/domain/to-fact";
import type { WholeView } from "@handfast/domain/whole";
import { createWorld, type World } from "@handfast/domain/world";
import { readEvent } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import type { LineId, PartnerId } from "@handfast/protocol/ids";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import { everything } from "./digest.ts";
import { network } from "./partners.ts";

export interface ReadModel {
  readonly world: World;
  readonly facts: readonly Fact[];
  readonly position: number;
  /** Reads on to the ledger's newest entry. */
  catchUp(ledger: LedgerClient): Promise<void>;
  view(nowMs: number): WholeView;
  digest(): string;
}

const pageEntries = 500;

export function createReadModel(self: PartnerId): ReadModel {
  const world = createWorld({ network: network.net, charter: network.charter });
  const facts: Fact[] = [];
  const pasts = new Map<LineId, ReadonlyMap<LineId, number>>();
  let position = 0;

  const catchUp: ReadModel["catchUp"] = async (ledger) => {
    for (;;) {
      const { entries, head } = await ledger.read({ after: position, limit: pageEntries });
      for (const entry of entries) {
        // Asked twice at once, a page comes twice.
        if (entry.position !== position + 1) continue;
        position = entry.position;
        const header = JSON.parse(entry.header) as Header;
        const { seq } = header;
        const line = entry.line ?? header.log;
        const known = new Map([...(pasts.get(line) ?? []), ...Object.entries(entry.past)]);
        pasts.set(line, known);
        const past = (other: LineId): number => (other === line ? seq - 1 : (known.get(other) ?? -1));
        const fact = toFact(header, entry.hash, past, readEvent(header), entry);
        facts.push(fact);
        world.add(fact);
      }
      if (position >= head || entries.length === 0) return;
    }
  };
  return {
    world,
    facts,
    get position() {
      return position;
    },
    catchUp,
    view: (nowMs) => ({ cut: world.now, self, nowMs, holdsPayload: () => true }),
    digest: () => everything(world.now, facts),
  };
}
