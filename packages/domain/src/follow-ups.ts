/**
 * What a partner's node does by itself: it attests where the partner's membership waits for nothing else, and completes
 * handoffs its partner offered once they are accepted. Everything else waits for a person.
 *
 * Nothing is completed by itself that was cancelled (unless its giver reaffirmed it), accepted after the offer's last
 * day, or once another acceptance of the same term was completed.
 */

import type { Accepted, Refused } from "./decision.ts";
import { complete, isAccepted, leftToCarry } from "./initiative/decide-handoff.ts";
import type { Initiative } from "./initiative/view.ts";
import { dayOf } from "./laws/time.ts";
import { owedAttestation } from "./network/decide.ts";
import type { WholeView } from "./whole.ts";

/** Decisions that are owed now, each of its own: accepted ones only. Asked again after each append. */
export function followUps(view: WholeView): readonly (Accepted | Refused)[] {
  const attestation = owedAttestation(view);
  const completions = view.cut.subjects("initiative").flatMap((ref) => {
    const initiative = view.cut.initiative(ref);
    const completion = initiative === null ? null : owedCompletion(initiative, view);
    const left = initiative === null ? [] : leftToCarry(initiative, view).map((part) => part.decision);
    return completion === null ? left : [completion, ...left];
  });
  return attestation === null ? completions : [attestation, ...completions];
}

/** What is left to carry after a handoff whose pledges did not fit into one append; each part is named by its cause. */
export { leftToCarry } from "./initiative/decide-handoff.ts";

/** The same for one initiative: whoever follows a log asks only about what changed. */
export function owedCompletion(initiative: Initiative, view: WholeView): Accepted | Refused | null {
  if (initiative.lead !== view.self) return null;
  for (const handoff of initiative.handoffs) {
    if (handoff.from !== view.self || handoff.state !== "accepted" || !isAccepted(handoff)) continue;
    const accepted = view.cut.fact(handoff.accept);
    if (accepted === undefined) continue;
    if (handoff.until !== null && dayOf(accepted.at[0]) > handoff.until) continue;
    const decision = complete(handoff, initiative, view);
    if (decision.ok) return decision;
  }
  return null;
}
