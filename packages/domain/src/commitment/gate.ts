/**
 * The gate of a commitment: what is asked of every entry, except that who left may still finish, or openly withdraw,
 * what it owed by then (docs/reference/fold.md section 2).
 */
import type { Event, EventOf } from "@handfast/protocol/events";
import type { Cut } from "../cut.ts";
import { type Fact, isBefore } from "../fact.ts";
import { type Gated, gate, type Passed } from "../gate.ts";

/** What can pass the gate of a commitment. */
export type CommitmentEvent = Gated<"commitment">;

/** @param creation The entry that created the commitment, where it has effect; the entry itself, where it is to create. */
export function commitmentGate(fact: Fact, creation: Fact | null, cut: Cut): Passed<CommitmentEvent> {
  const passed = gate(fact, "commitment", creation !== null, cut);
  if (passed.reason !== "not-a-member" || creation === null || !fact.told.ok) return passed;
  const { event } = fact.told;
  return finishes(event) && leftOwing(fact, creation, cut) ? { event, reason: null } : passed;
}

const finishing = ["commitment.progressed", "commitment.claimed", "commitment.withdrawn"] as const;
const finishes = (event: Event): event is EventOf<(typeof finishing)[number]> =>
  finishing.some((type) => type === event.type);

const leftOwing = (fact: Fact, creation: Fact, cut: Cut): boolean =>
  cut.membership.departuresOf(fact.by).some((left) => isBefore(left, fact) && isBefore(creation, left));
