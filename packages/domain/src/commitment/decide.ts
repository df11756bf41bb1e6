/**
 * Answers the commands about commitments: one entry to append, or the reason why not. Guards of this file are asked of
 * our own commands only; whatever the fold asks is asked by rehearsing the entry, so that the two cannot disagree.
 */
import type { Command } from "@handfast/api/verbs";
import type { PartnerId } from "@handfast/protocol/ids";
import { type Decision, explained, refuse } from "../decision.ts";
import { isPlain, plainDraft } from "../drafting.ts";
import { acceptIfEffective } from "../rehearsal.ts";
import type { WholeView } from "../whole.ts";
import { type ActingCommand, type ActingOn, type CommitmentCommandName, readsOf } from "./acting.ts";
import { decideAnswer } from "./answering.ts";
import { decideOffer, decidePledge, decideRequest } from "./decide-terms.ts";
import { decideCounter, decideDecline, decideRetract, decideSign } from "./negotiation.ts";
import { changesNothing } from "./performing.ts";
import { decideRevision } from "./revision.ts";
import type { CommitmentState } from "./stages.ts";
import type { Commitment } from "./view.ts";

export type { CommitmentCommandName } from "./acting.ts";

export function decideCommitment(command: Command<CommitmentCommandName>, view: WholeView): Decision {
  if (command.name === "commitment.request") return decideRequest(command, view);
  if (command.name === "commitment.offer") return decideOffer(command, view);
  if (command.name === "commitment.pledge") return decidePledge(command, view);
  const commitment = view.cut.commitment(command.on);
  if (commitment === null) return refuse("not-found");
  const decision = explained(act(command, { commitment, view }), "wrong-state", standingOf(commitment));
  // The debtor is a party, but to let itself off is not called a release.
  return command.name === "commitment.release" && commitment.debtor === view.self
    ? explained(decision, "not-a-party", "its beneficiaries release it; as its debtor you can withdraw it")
    : decision;
}

/** Who can do what next, in the states in which an act can be refused for the state. */
const nextSteps: { readonly [State in CommitmentState]?: string } = {
  claimed: "its confirmers can confirm or dispute it",
  disputed: "its debtor can claim it again or report progress, and its confirmers can confirm it",
  satisfied: "it was kept, and that is final",
  withdrawn: "a withdrawal is final; another promise is a new commitment",
};
const standingOf = ({ state }: Commitment): string => {
  const next = nextSteps[state];
  return `It is ${state}${next === undefined ? "" : `; ${next}`}.`;
};

const isFor = (self: PartnerId, { beneficiaries }: Commitment["terms"]["current"]): boolean =>
  beneficiaries.includes(self);

function act(command: ActingCommand, situation: ActingOn): Decision {
  const { state, kind, terms } = situation.commitment;
  if (
    command.name === "commitment.decline-pledge" &&
    kind !== "pledge" &&
    isFor(situation.view.self, terms.current)
  )
    return refuse("wrong-state", "it was not pledged, but agreed with you: release lets its debtor off");
  if (changesNothing(command, state)) {
    return refuse("closed", `it is ${state} already, and that would change nothing`);
  }
  if (isPlain(command)) {
    const { commitment, view } = situation;
    return acceptIfEffective([plainDraft(command)], view, readsOf(commitment, view));
  }
  switch (command.name) {
    case "commitment.counter":
      return decideCounter(command, situation);
    case "commitment.accept":
      return decideSign(command, "commitment.accepted", situation.commitment.terms.all, situation);
    case "commitment.accept-revision":
      return decideSign(command, "commitment.revision-accepted", situation.commitment.revisions, situation);
    case "commitment.decline":
      return decideDecline(command, "commitment.declined", situation.commitment.terms.all, situation);
    case "commitment.decline-revision":
      return decideDecline(
        command,
        "commitment.revision-declined",
        situation.commitment.revisions,
        situation,
      );
    case "commitment.retract":
      return decideRetract(command, "commitment.retracted", situation.commitment.terms.all, situation);
    case "commitment.retract-revision":
      return decideRetract(
        command,
        "commitment.revision-retracted",
        situation.commitment.revisions,
        situation,
      );
    case "commitment.reaffirm":
      return decideAnswer(command, "commitment.reaffirmed", situation);
    case "commitment.let-go":
      return decideAnswer(command, "commitment.let-go", situation);
    case "commitment.propose-revision":
      return decideRevision(command, situation);
  }
}
