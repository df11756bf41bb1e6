/** What the node's other services and its federation hear when something has become durable. Hints: nothing depends on them. */

import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import type { Events } from "./events.ts";
import type { LedgerIdentity } from "./files.ts";
import { arrivalFrame } from "./frames.ts";
import type { Durable } from "./rounds.ts";

/** NATS header that tells our own batches from foreign ones. */
const ownHeader = { "Hf-Own": "1" } as const;

export const createNotices =
  (bus: Bus, { net }: LedgerIdentity, say: Pick<Events, "noticeLost">) =>
  (durable: readonly Durable[]): void => {
    const encoder = new TextEncoder();
    try {
      for (const { log, by, from, entries, position, isOwn, edge } of durable) {
        for (const [index, { header }] of entries.entries()) {
          const notice = { position: position + index, by, log, seq: from + index };
          bus.publish(subjects.logNotice(header.type), encoder.encode(JSON.stringify(notice)));
        }
        const frame = arrivalFrame(net, { log, from, entries, edge });
        bus.publish(subjects.batchNotice, frame, isOwn ? ownHeader : {});
      }
    } catch (err) {
      // The bus is down: followers read on from their position when it is back.
      say.noticeLost(err);
    }
  };
