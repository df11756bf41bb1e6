/**
 * From an entry as the ledger hands it out to the fact that the fold takes. The ledger has verified it already; what is
 * odd all the same throws here, and its reader puts the entry aside instead of stopping.
 */

import type { ReadReply } from "@handfast/api/messages/ledger";
import type { Fact } from "@handfast/domain/fact";
import { openedBy, readEvent, subjectOf } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import { type Ref, refOf } from "@handfast/protocol/ids";
import type { Pasts } from "@handfast/replica/pasts";

export type Things = "initiatives" | "commitments" | "challenges";

/** An entry in this node's order of arrival. */
export type Arrival = {
  readonly position: number;
  readonly fact: Fact;
  readonly type: string;
  readonly x: Header["x"];
  /** The collection of the thing that it would begin. */
  readonly creates: Things | null;
  /** Bytes of its texts; null where it has none. */
  readonly payloadBytes: number | null;
};

function createdBy(type: string): Things | null {
  const machine = openedBy(type);
  return machine === null || machine === "network" || machine === "any" ? null : `${machine}s`;
}

export function readArrival(entry: ReadReply["entries"][number], pasts: Pasts): Arrival {
  const header = JSON.parse(entry.header) as Header;
  const ref: Ref = refOf(header.log, header.seq);
  const past = pasts.add(header);
  return {
    position: entry.position,
    type: header.type,
    x: header.x,
    creates: createdBy(header.type),
    payloadBytes: header.payload?.size ?? null,
    fact: {
      ref,
      hash: entry.hash,
      by: header.by,
      log: header.log,
      seq: header.seq,
      at: header.at,
      subject: subjectOf(header),
      names: header.subject,
      told: readEvent(header),
      past,
    },
  };
}
