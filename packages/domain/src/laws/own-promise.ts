/**
 * Law L1: a partner speaks for itself alone, in the terms it has seen. These are the questions asked of every entry before
 * the rules of its own machine (docs/reference/fold.md section 2): that it is understood, that what it names lies in its
 * past, that the thing it is about exists and is of the right kind, and that its author was a member when writing it.
 */

import type { Event, EventOf } from "@handfast/protocol/events";
import { unpin } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import { citedBy } from "../citations.ts";
import type { Cut } from "../cut.ts";
import { type Fact, isBefore } from "../fact.ts";
import { type EventAbout, isAbout, type Kind } from "../kind.ts";

/** The reason an entry fails at the gate, or what it tells. */
export type Passed<E extends Event = Event> =
  | { readonly event: E; readonly reason: null }
  | { readonly event: null; readonly reason: Reason };
const stopped = (reason: Reason): Passed<never> => ({ event: null, reason });

/** The first three questions, which need nothing but the entry and what it cites. */
export function readable(fact: Fact, cut: Pick<Cut, "fact">): Passed {
  if (!fact.told.ok) return stopped(fact.told.reason);
  return citedBy(fact).every((cited) => isInPast(cited, fact, cut))
    ? { event: fact.told.event, reason: null }
    : stopped("ref-not-in-past");
}

function isInPast(cited: string, fact: Fact, cut: Pick<Cut, "fact">): boolean {
  const ref = unpin(cited);
  const named = cut.fact(ref);
  if (named === undefined || !isBefore(named, fact)) return false;
  return cited.length === ref.length || cited.slice(ref.length + 1) === named.hash;
}

/**
 * All five questions, for an entry about a thing above the network.
 *
 * @param exists Whether the entry that was to create the thing has effect.
 */
export function gate<K extends Kind>(
  fact: Fact,
  kind: K | null,
  exists: boolean,
  cut: Cut,
): Passed<Gated<K>> {
  const { event, reason } = readable(fact, cut);
  if (event === null) return stopped(reason);
  if (event.type === "subject.merged") return { event, reason };
  if (!exists || kind === null || !isAbout(event, kind)) return stopped("wrong-subject");
  return cut.membership.isActive(fact.by, fact.past) ? { event, reason } : stopped("not-a-member");
}

/** What can pass the gate of a kind of thing. */
export type Gated<K extends Kind> = EventAbout<K> | EventOf<"subject.merged">;
