/** Another day for terms that bind: propose a revision, accept, decline, retract it. For each: may I? */
import type { Command } from "@handfast/api/verbs";
import type { Ref } from "@handfast/protocol/ids";
import { type Decision, refuse, stands } from "../decision.ts";
import { isImport, isOver, refuseOver } from "../starting-well.ts";
import { type ActingOn, say } from "./acting.ts";
import { judgeDeclined, judgeRetracted } from "./negotiation.ts";
import { addPullBack, addSignature, addTerms, hasSigned, isClosed } from "./standing.ts";
import { underTerms } from "./state.ts";
import { isOfPledge, revisedTerms, type Terms } from "./terms.ts";

export const revisionProposed = underTerms<
  "commitment.revision-proposed",
  { readonly terms: Terms; readonly owes?: Ref | null }
>({
  judge: ({ fact, event: { x } }, { bound, current, debtor, done, carriedBy }) => {
    const pledge = isOfPledge(bound.terms);
    if (pledge ? fact.by !== debtor : !bound.terms.signers.includes(fact.by)) return "not-a-party";
    if (x.base !== current.pinned) return "stale-base";
    // What is said to be kept is not moved to another day by its debtor alone.
    if (pledge && done.hasClaims) return "wrong-state";
    const terms = revisedTerms(fact, current, x.due);
    return pledge ? { terms, owes: carriedBy } : { terms };
  },
  add: (state, { fact, note }) => addTerms(state, note.terms, fact),
});

export const revisionAccepted = underTerms<"commitment.revision-accepted">({
  judge: ({ fact, event: { x } }, { current, seen }) => {
    const revision = seen.revisions.get(x.terms);
    if (revision?.terms.signers.includes(fact.by) !== true) return "not-a-party";
    if (hasSigned(revision, fact.by)) return "already-signed";
    if (isClosed(revision)) return "terms-closed";
    // Otherwise a party could cross a revision that binds on purpose, by signing another one of the same base.
    return revision.terms.base === current.pinned ? null : "stale-base";
  },
  add: (state, { fact, event }) => addSignature(state, event.x.terms, { by: fact.by, fact, since: fact }),
});

export const revisionDeclined = underTerms<"commitment.revision-declined">({
  judge: ({ fact, event }, { seen }) => judgeDeclined(fact, seen.revisions.get(event.x.terms)),
  add: (state, { fact, event }) => addPullBack(state, event.x.terms, "declined", fact),
});

export const revisionRetracted = underTerms<"commitment.revision-retracted">({
  judge: ({ fact, event }, { seen }) => judgeRetracted(fact, seen.revisions.get(event.x.terms)),
  add: (state, { fact, event }) => addPullBack(state, event.x.terms, "retracted", fact),
});

// What our own node decides

export function decideRevision(
  command: Command<"commitment.propose-revision">,
  situation: ActingOn,
): Decision {
  const { due } = command.body;
  if (isOver(due, command.body, situation.view)) return refuseOver(due, situation.view);
  const { commitment, view } = situation;
  const { pinned: base, due: known } = commitment.terms.current;
  const decision = say(command, "commitment.revision-proposed", { base, due }, situation);
  if (decision.ok && !isImport(command.body)) {
    if (due === known) return refuse("nothing-to-change", `it is due ${due} as it stands`);
    const same = commitment.revisions.filter(
      (one) => one.base === base && one.due === due && one.standing === "open",
    );
    const ours = same.find((one) => one.by === view.self);
    if (ours !== undefined) return stands(ours.ref);
    // Two equal proposals would each wait for the other's author.
    const [theirs] = same;
    if (theirs !== undefined)
      return refuse(
        "nothing-to-change",
        `another party has proposed ${due} already: accept that revision, ${theirs.ref}`,
      );
  }
  return decision;
}
