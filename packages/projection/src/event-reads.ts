/** Pages of events: looked for in order of arrival, a bounded stretch at a time, each with its texts and what became of it. */

import type { EventView } from "@handfast/api/views/event";
import type { PartnerId } from "@handfast/protocol/ids";
import type { Arrival } from "./read-entry.ts";
import { eventView } from "./views/event.ts";
import type { Reading } from "./views/reading.ts";

export type EventFilter = {
  readonly type?: string;
  /** A thing's ref, or the network's id. */
  readonly subject?: string;
  readonly by?: PartnerId;
};
export type ListedEvents = {
  readonly items: EventView[];
  /** Where the next page begins; null when everything was looked through. */
  readonly next: number | null;
  /** How far was looked: the place to go on from. */
  readonly upTo: number;
};

export async function readEvents(
  { type, subject, by, after, limit }: EventFilter & { readonly after: number; readonly limit: number },
  reading: Reading,
): Promise<ListedEvents> {
  const { projection, cut } = reading;
  const wanted = ({ fact, type: own }: Arrival): boolean =>
    (type === undefined || own === type) &&
    (subject === undefined || fact.subject === subject) &&
    (by === undefined || fact.by === by) &&
    cut.fact(fact.ref) !== undefined;
  const found: Arrival[] = [];
  // Read before looking: what arrives meanwhile is the next page's.
  const end = projection.position;
  let next: number | null = null;
  for (const arrival of projection.arrivalsAfter(after)) {
    if (arrival.position > end) break;
    if (!wanted(arrival)) continue;
    if (found.length === limit) {
      next = found.at(-1)?.position ?? after;
      break;
    }
    found.push(arrival);
  }
  await projection.texts.load(found.map(({ fact }) => fact.ref));
  const items = found.map((arrival) => eventView(arrival, reading));
  return { items, next, upTo: next ?? Math.max(after, end) };
}
