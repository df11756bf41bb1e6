/** Answering what crossed: reaffirm terms, or let them go. May I? */
import type { Command } from "@handfast/api/verbs";
import type { PinnedRef } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import { type Decision, refuse } from "../decision.ts";
import type { Fact } from "../fact.ts";
import type { Counted, Rule } from "../kernel/machine.ts";
import type { Says } from "../laws/crossing.ts";
import { rehearse } from "../rehearsal.ts";
import { type ActingOn, candidates, say } from "./acting.ts";
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
import type { StandingTerms } from "./view.ts";

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

// What our own node decides

/** Stands by crossed terms or lets them go; without a name, those on which this partner's word is waited for. */
export function decideAnswer(
  command: Command<"commitment.reaffirm" | "commitment.let-go">,
  type: "commitment.reaffirmed" | "commitment.let-go",
  situation: ActingOn,
): Decision {
  const { commitment, view } = situation;
  const counts = ({ pinned }: StandingTerms) =>
    rehearse([{ type, subject: commitment.ref, x: { terms: pinned } }], view)[0]?.effect === "effective";
  const mine = [...commitment.terms.all, ...commitment.revisions]
    .filter((one) => one.standing === "crossed" || one.standing === "dormant")
    .filter((one) => command.body.terms === undefined || one.pinned === command.body.terms)
    .filter(counts);
  const [meant] = mine;
  if (meant === undefined) return refuse("not-crossed");
  return mine.length > 1
    ? refuse("ambiguous-terms", candidates(mine, "terms"))
    : say(command, type, { terms: meant.pinned }, situation);
}
