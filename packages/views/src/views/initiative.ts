/** An initiative as readers see it. */
import type { HandoffView, InitiativeView } from "@handfast/api/views/initiative";
import { instantOf } from "@handfast/api/views/named";
import { isOverEverywhere } from "@handfast/domain/starting-well";
import { type Initiative, maybe, type Reading, type Untalked } from "./reading.ts";

export function initiativeView(initiative: Initiative, reading: Reading): Untalked<InitiativeView> {
  const { ref, titledBy, lead, term, participants, status } = initiative;
  return {
    id: ref,
    ...maybe("externalId", initiative.externalId),
    title: reading.text(titledBy, "title"),
    problem: reading.text(titledBy, "problem"),
    benefits: reading.text(titledBy, "benefits"),
    success: reading.text(titledBy, "success"),
    texts: reading.body(titledBy).state,
    proposedBy: reading.named(initiative.by),
    status,
    ...maybe("externalStatus", initiative.externalStatus),
    lead: lead === null ? null : reading.named(lead),
    term,
    participants: participants.map(reading.named),
    handoffs: initiative.handoffs.map((handoff) => handoffView(handoff, reading)),
    stepUps: initiative.stepUps.map(({ by, as, at }) => ({ by: reading.named(by), as, at: instantOf(at) })),
    waysIn: waysIn(initiative, reading.self),
    ...maybe("from", initiative.from),
    ...reading.times(initiative),
    etag: reading.etag(ref),
  };
}

/** A stored view as it looks at a moment, in milliseconds: offers lapse by the clock alone. */
export const handoffsAt = <View extends Pick<InitiativeView, "handoffs">>(view: View, atMs: number): View =>
  view.handoffs.some(({ state, until }) => state === "offered" && until !== undefined)
    ? {
        ...view,
        handoffs: view.handoffs.map((one) => ({
          ...one,
          lapsed: isLapsed({ state: one.state, until: one.until ?? null }, atMs),
        })),
      }
    : view;

const isLapsed = (
  { state, until }: Pick<Initiative["handoffs"][number], "state" | "until">,
  atMs: number,
): boolean => state === "offered" && until !== null && isOverEverywhere(until, atMs);

const handoffView = (handoff: Initiative["handoffs"][number], reading: Reading): HandoffView => ({
  id: handoff.offer,
  from: reading.named(handoff.from),
  to: reading.named(handoff.to),
  term: handoff.term,
  state: handoff.state,
  accept: "accept" in handoff ? handoff.accept : null,
  ...maybe("until", handoff.until),
  lapsed: isLapsed(handoff, reading.atMs),
  ...maybe("trialUntil", handoff.trialUntil),
});

/** What this node's own partner could do to take part, beyond what it does already. */
function waysIn({ status, lead, participants, stepUps }: Initiative, self: string): InitiativeView["waysIn"] {
  if (status === "completed") return [];
  const isIn = lead === self || participants.includes(self);
  const steppedUp = lead === self || stepUps.some(({ by, as }) => by === self && as === "lead");
  return [
    ...(isIn ? [] : (["join"] as const)),
    ...(steppedUp ? [] : (["step-up"] as const)),
    "pledge" as const,
  ];
}
