/**
 * What this node owes and adds by itself (docs/decisions/0006): its attestation once it was voted in, and the completion of
 * handoffs that its partner offered and another accepted. Pure.
 */
import { owedAttestation } from "@handfast/domain/decide-network";
import { type Decision, refuse } from "@handfast/domain/decision";
import { leftToCarry, owedCompletion } from "@handfast/domain/follow-ups";
import type { WholeView } from "@handfast/domain/whole";
import type { Ref } from "@handfast/protocol/ids";

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
