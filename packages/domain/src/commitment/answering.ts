/** Answering what crossed: reaffirm terms, or let them go. May I? */
import type { PinnedRef } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Fact } from "../fact.ts";
import type { Counted, Rule } from "../kernel/machine.ts";
import type { Says } from "../laws/crossing.ts";
import {
  addReply,
  awaitsReplyOf,
  currentFrom,
  findTerms,
  rivalsOn,
  type Stated,
  settledIn,
  standingAlone,
} from "./standing.ts";
import type { CommitmentState } from "./state.ts";

/** Among which terms that bound at once its author chose; `null` where it answers a pull-back of its own. */
type Answering = { readonly among: ReadonlySet<PinnedRef> | null };

type Reaffirmed = Counted<"commitment.reaffirmed", Answering>;
type LetGo = Counted<"commitment.let-go", Answering>;

const answer = (says: Says) => ({
  judge: (
    { fact, event: { x } }: Omit<Reaffirmed | LetGo, "note">,
    seen: CommitmentState,
  ): Reason | Answering => {
    const stated = findTerms(seen, x.terms);
    if (stated === undefined) return "not-crossed";
    const rivals = rivalsFor(stated, fact, seen);
    const repeats =
      says === "reaffirmed" &&
      stated.choices.some((one) => one.by === fact.by && rivals.isSubsetOf(one.among));
    if (rivals.has(x.terms) && !repeats) return { among: rivals };
    const wakes = stated.terms.by === fact.by && standingAlone(stated, seen) === "dormant";
    return awaitsReplyOf(stated, fact.by) || wakes ? { among: null } : "not-crossed";
  },
  add: (state: CommitmentState, { fact, event, note }: Reaffirmed | LetGo): void =>
    addReply(state, event.x.terms, fact, says, note.among),
});

export const reaffirmed: Rule<CommitmentState, "commitment.reaffirmed", Answering> = answer("reaffirmed");
export const letGo: Rule<CommitmentState, "commitment.let-go", Answering> = answer("let-go");

const none: ReadonlySet<PinnedRef> = new Set();

/** The terms that bound at once as the author saw it, if it has a say in them. */
function rivalsFor({ terms }: Stated, fact: Fact, seen: CommitmentState): ReadonlySet<PinnedRef> {
  if (!terms.signers.includes(fact.by)) return none;
  const { chosen, crossed } = settledIn(seen);
  if (terms.kind !== "revision") return crossed;
  return chosen === null ? none : rivalsOn(currentFrom(chosen, seen), seen);
}
