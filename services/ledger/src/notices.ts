/** What the node's other services and its federation hear when something has become durable. Hints: nothing depends on them. */

import type { HeadNotice, TextsNotice } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { encodeJson } from "@handfast/bus/json";
import { levelOf } from "@handfast/protocol/events";
import type { NetworkId, Ref } from "@handfast/protocol/ids";
import type { VerifiedEntry } from "@handfast/replica/replica";
import type { Events } from "./events.ts";
import { arrivalFrame } from "./frames.ts";
import type { Durable } from "./rounds.ts";

/** NATS header that tells our own batches from foreign ones. */
const ownHeader = { "Hf-Own": "1" } as const;

const isAboutMembers = ({ header: { type } }: VerifiedEntry): boolean =>
  levelOf(type) === "network" && type !== "log.opened";

export interface Notices {
  durable(durable: readonly Durable[]): void;
  /** Of foreign entries. */
  texts(refs: readonly Ref[]): void;
}

export function createNotices(bus: Bus, net: NetworkId, say: Pick<Events, "noticeLost">): Notices {
  const tell = (publish: () => void): void => {
    try {
      publish();
    } catch (err) {
      // The bus is down: followers read on from their position, and ask again for texts, when it is back.
      say.noticeLost(err);
    }
  };
  return {
    durable: (durable) =>
      tell(() => {
        const position = Math.max(...durable.map((run) => run.position + run.entries.length - 1));
        const head: HeadNotice = { position, isOwn: durable.every(({ isOwn }) => isOwn) };
        bus.publish(subjects.headNotice, encodeJson(head));
        if (durable.some(({ entries }) => entries.some(isAboutMembers)))
          bus.publish(subjects.standingNotice, encodeJson({ position }));
        for (const { log, from, entries, isOwn, edge } of durable)
          bus.publish(
            subjects.batchNotice,
            arrivalFrame(net, { log, from, entries, edge }),
            isOwn ? ownHeader : {},
          );
      }),
    texts: (refs) =>
      tell(() => {
        if (refs.length > 0) bus.publish(subjects.textsNotice, encodeJson<TextsNotice>({ refs: [...refs] }));
      }),
  };
}
