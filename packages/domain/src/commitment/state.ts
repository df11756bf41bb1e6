/** What a reader has seen of a commitment, and how an entry is judged by what is in force there. */
import type { EventName } from "@handfast/protocol/events";
import type { PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import type { Entry, Fact } from "../fact.ts";
import type { Counted, Rule } from "../kernel/machine.ts";
import { debtorIn, openPerformance, type Performance } from "./performance.ts";
import { currentFrom, type Negotiation, openNegotiation, type Stated, settledIn } from "./standing.ts";
import type { CreatingEvent, Terms } from "./terms.ts";

export type CommitmentState = Negotiation & {
  readonly creation: { readonly fact: Fact; readonly event: CreatingEvent; readonly terms: Terms };
  /** By the terms under which something was done: mostly one. */
  readonly performances: Map<PinnedRef, Performance>;
  /** Heard entries that cross the completion of a handoff. */
  readonly crossings: Set<Ref>;
};

export const openCommitment = (creation: CommitmentState["creation"]): CommitmentState => ({
  ...openNegotiation(),
  creation,
  performances: new Map(),
  crossings: new Set(),
});

/** Whether terms bind there; `but`: others than these. */
export const binds = (seen: CommitmentState, but?: Stated): boolean => {
  const { chosen } = settledIn(seen);
  return chosen !== null && chosen !== but;
};

/** What was in force as an author saw it. */
type InForce = {
  readonly bound: Stated;
  readonly current: Terms;
  readonly debtor: PartnerId;
  readonly done: Performance;
  /** What made the debtor owe it: the entry that carried it there; `null`: the terms. */
  readonly carriedBy: Ref | null;
};

const nothingDone = openPerformance();

function inForceFor({ fact, event }: Entry, seen: CommitmentState): InForce | null {
  // A claim or a confirmation may itself reaffirm.
  const presumes = event.type === "commitment.claimed" || event.type === "commitment.confirmed";
  const { chosen } = settledIn(seen, presumes ? fact.by : undefined);
  if (chosen === null) return null;
  const done = seen.performances.get(chosen.terms.pinned) ?? nothingDone;
  const { debtor, carriedBy } = debtorIn(done, chosen.terms);
  return { bound: chosen, current: currentFrom(chosen, seen).terms, debtor, done, carriedBy };
}

/**
 * Under which terms something was done, and, of an act of the debtor, what made its author owe it. Only acts under the
 * same terms count together.
 */
export type Under = { readonly under: PinnedRef; readonly owes?: Ref | null };

/** What was done under these terms. */
export function doneUnder(state: CommitmentState, { under }: Pick<Under, "under">): Performance {
  const known = state.performances.get(under) ?? openPerformance();
  state.performances.set(under, known);
  return known;
}

/** What a rule under terms that bind is asked with. */
export type Situation = InForce & { readonly seen: CommitmentState; readonly cut: Cut };

/** An entry that needs terms which bind: its rule is asked of what is in force, and what it adds knows under which terms. */
export const underTerms = <Name extends EventName, Further extends object = object>(made: {
  judge(entry: Entry<Name>, situation: Situation): Reason | Further | null;
  add(state: CommitmentState, entry: Counted<Name, Under & Further>): void;
}): Rule<CommitmentState, Name, Under & Further> => ({
  judge: (entry, seen, cut) => {
    const inForce = inForceFor(entry as unknown as Entry, seen);
    if (inForce === null) return "not-active";
    const judged = made.judge(entry, { ...inForce, seen, cut });
    if (typeof judged === "string") return judged;
    return { ...(judged as Further), under: inForce.bound.terms.pinned };
  },
  add: made.add,
});

/** The same for an act of the debtor. */
export const byDebtor = <Name extends EventName, Further extends object = object>(made: {
  judge(entry: Entry<Name>, situation: Situation): Reason | Further | null;
  add(state: CommitmentState, entry: Counted<Name, Under & Further>): void;
}): Rule<CommitmentState, Name, Under & Further> =>
  underTerms<Name, Further>({
    judge: (entry, situation) => {
      if (entry.fact.by !== situation.debtor) return "not-the-debtor";
      const judged = made.judge(entry, situation);
      return typeof judged === "string" ? judged : { ...(judged as Further), owes: situation.carriedBy };
    },
    add: made.add,
  });
