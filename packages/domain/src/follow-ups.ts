/**
 * What a partner's node does by itself (docs/decisions/0006): it attests where the partner's membership waits for nothing
 * else, and completes handoffs its partner offered once they are accepted. Everything else waits for a person.
 *
 * Nothing is completed by itself that was cancelled (unless its giver reaffirmed it), accepted after the offer's last
 * day, or once another acceptance of the same term was completed.
 */
import type { Ref } from "@handfast/protocol/ids";
import { type Accepted, type Decision, refuse } from "./decision.ts";
import { complete, isAccepted, leftToCarry } from "./initiative/decide-handoff.ts";
import type { Initiative } from "./initiative/view.ts";
import { dayOf } from "./laws/time.ts";
import { owedAttestation } from "./network/decide.ts";
import type { WholeView } from "./whole.ts";

export type Owed = {
  /** The entry on seeing which this node owes something. */
  readonly cause: Ref;
  /** Asked again when the ledger has moved; refuses when it is no longer owed. */
  readonly decide: (view: WholeView) => Decision;
};

/** @param subjects Where something changed; null: anywhere. */
export const owedIn = (view: WholeView, subjects: ReadonlySet<string> | null): readonly Owed[] => [
  ...attestations(view, subjects),
  ...completions(view, subjects),
];

/** Its operator agreed to the charter by joining, so the node attests as soon as the votes are there. */
function attestations(view: WholeView, subjects: ReadonlySet<string> | null): readonly Owed[] {
  if (subjects !== null && !subjects.has(view.cut.network)) return [];
  const decision = owedAttestation(view);
  if (decision?.ok !== true) return [];
  // A founder's own membership is caused by the charter; anybody else's by the sponsorship.
  const cause = decision.entries[0].subject ?? view.cut.network;
  return [{ cause, decide: (now) => owedAttestation(now) ?? refuse("already-a-member") }];
}

function completions(view: WholeView, subjects: ReadonlySet<string> | null): readonly Owed[] {
  // Who is a member decides whether a handoff can be completed, so a change there concerns all of them.
  const isEverywhere = subjects === null || subjects.has(view.cut.network);
  const refs = isEverywhere ? view.cut.subjects("initiative") : [...subjects];
  return refs.flatMap((ref) => [...completionOf(ref, view), ...carryingOf(ref, view)]);
}

/** The pledges that a completed handoff still owes its receiver, part by part. */
function carryingOf(ref: Ref, view: WholeView): readonly Owed[] {
  const parts = (now: WholeView) => {
    const initiative = now.cut.initiative(ref);
    return initiative === null ? [] : leftToCarry(initiative, now);
  };
  return parts(view).map(({ cause }) => ({
    cause,
    decide: (now) => parts(now).find((part) => part.cause === cause)?.decision ?? refuse("wrong-state"),
  }));
}

/** The completion that this node owes on an initiative: caused by the acceptance that it names. */
function completionOf(ref: Ref, view: WholeView): readonly Owed[] {
  const cause = acceptedHandoff(ref, view)?.accept;
  if (cause === undefined) return [];
  const decide = (now: WholeView) => {
    const owed = acceptedHandoff(ref, now);
    return owed?.accept === cause ? owed.decision : refuse("not-accepted");
  };
  return [{ cause, decide }];
}

function acceptedHandoff(ref: Ref, view: WholeView) {
  const initiative = view.cut.initiative(ref);
  const decision = initiative === null ? null : owedCompletion(initiative, view);
  if (decision?.ok !== true) return null;
  const [first] = decision.entries;
  return first.type === "handoff.completed" ? { decision, accept: first.x.accept } : null;
}

/** The first completion of a handoff that the leading partner owes an initiative. */
function owedCompletion(initiative: Initiative, view: WholeView): Accepted | null {
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
