/**
 * The gate of a commitment: what is asked of every entry, and two things more. Asked and offered is between partners;
 * and who left may still finish, or openly withdraw, what it owed by then (docs/reference/fold.md section 2).
 */
import type { Cut } from "../cut.ts";
import { type Fact, isBefore } from "../fact.ts";
import { gate, type Passed } from "../gate.ts";
import { isMalformed } from "./negotiation-rules.ts";
import { isCreating } from "./terms.ts";

/** @param creation The entry that created the commitment, where it has effect; the entry itself, where it is to create. */
export function commitmentGate(fact: Fact, creation: Fact | null, cut: Cut): Passed {
  if (fact.told.ok && isCreating(fact.told.event) && isMalformed(fact.told.event)) {
    return { event: null, reason: "malformed" };
  }
  const passed = gate(fact, "commitment", creation !== null, cut);
  return passed.reason === "not-a-member" &&
    fact.told.ok &&
    mayFinish(fact, fact.told.event.type, creation, cut)
    ? { event: fact.told.event, reason: null }
    : passed;
}

const mayFinish = (fact: Fact, type: string, creation: Fact | null, cut: Cut): boolean =>
  ["commitment.progressed", "commitment.claimed", "commitment.withdrawn"].includes(type) &&
  creation !== null &&
  cut.membership.departuresOf(fact.by).some((left) => isBefore(left, fact) && isBefore(creation, left));
