/**
 * What is asked of every entry about a commitment before its own rules: that it is understood, that what it names lies
 * in its past, that the commitment exists, and that its author was a member (docs/reference/fold.md section 2).
 */
import type { Event } from "@handfast/protocol/events";
import type { PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import { type Fact, isBefore } from "../fact.ts";
import { isMalformed } from "./negotiation-rules.ts";
import { isCreating, isPartner } from "./terms.ts";

/** The reason an entry fails at the gate, or what it tells. */
export type Passed =
  | { readonly event: Event; readonly reason: null }
  | { readonly event: null; readonly reason: Reason };
const stopped = (reason: Reason): Passed => ({ event: null, reason });

/**
 * @param creation The entry that created the commitment, where it has effect.
 * @param departures Effective departures by partner.
 */
export function gate(
  fact: Fact,
  creation: Fact | null,
  departures: ReadonlyMap<PartnerId, readonly Fact[]>,
  cut: Cut,
): Passed {
  if (!fact.told.ok) return stopped(fact.told.reason);
  const { event } = fact.told;
  const creating = isCreating(event);
  if (creating && isMalformed(event)) return stopped("malformed");
  if (!namedBy(fact, event).every((name) => isInPast(name, fact, cut))) return stopped("ref-not-in-past");
  if (!creating && creation === null) return stopped("wrong-subject");
  if (event.type === "subject.merged") return { event, reason: null };
  if (!event.type.startsWith("commitment.")) return stopped("wrong-subject");
  if (!cut.membership.isActive(fact.by, fact.past) && !mayFinish(fact, event.type, creation, departures)) {
    return stopped("not-a-member");
  }
  return { event, reason: null };
}

/** Who left may still finish, or openly withdraw, what it owed by then. */
const mayFinish = (
  fact: Fact,
  type: string,
  creation: Fact | null,
  departures: ReadonlyMap<PartnerId, readonly Fact[]>,
): boolean =>
  ["commitment.progressed", "commitment.claimed", "commitment.withdrawn"].includes(type) &&
  creation !== null &&
  (departures.get(fact.by) ?? []).some((left) => isBefore(left, fact) && isBefore(creation, left));

function isInPast(name: Ref | PinnedRef, fact: Fact, cut: Cut): boolean {
  const [ref = name, hash] = name.split("@");
  const named = cut.fact(ref);
  return named !== undefined && isBefore(named, fact) && (hash === undefined || named.hash === hash);
}

/** Every entry this one names, in its header's subject or in `x`. */
function namedBy(fact: Fact, { x }: Event): readonly (Ref | PinnedRef)[] {
  const members = ["origin", "base", "terms", "offer", "completed", "accepted"] as const;
  const named: { readonly [key: string]: unknown } = x;
  const { seat, beneficiaries } = x as Partial<PledgeX>;
  return [
    ...(fact.names === null ? [] : [fact.names]),
    ...members.map((member) => named[member]).filter((name) => typeof name === "string"),
    ...(seat === undefined ? [] : [seat.initiative]),
    ...(beneficiaries ?? []).filter((one) => one !== "network" && !isPartner(one)),
  ];
}

type PledgeX = Extract<Event, { type: "commitment.pledged" }>["x"];
