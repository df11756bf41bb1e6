/**
 * Answers commands about initiatives. Guards about starting well are asked here alone, at the author's node; whatever
 * the fold asks is asked by rehearsing the entry.
 */
import type { Command, CommandName } from "@handfast/api/verbs";
import type { PartnerId } from "@handfast/protocol/ids";
import { isPromiseUpheld } from "../commitment/stages.ts";
import { type Decision, type Draft, explained, refuse, stands } from "../decision.ts";
import { isPlain, plainDraft, provenance, textsOf } from "../drafting.ts";
import { acceptIfEffective } from "../rehearsal.ts";
import { isImport } from "../starting-well.ts";
import type { WholeCut, WholeView } from "../whole.ts";
import { decideHandoff, type HandoffCommand } from "./decide-handoff.ts";
import { readsOf } from "./reads.ts";
import type { Initiative } from "./view.ts";

export type InitiativeCommandName = Extract<CommandName, `initiative.${string}`>;
type Acting = Exclude<Command<InitiativeCommandName>, { name: "initiative.propose" } | HandoffCommand>;

export function decideInitiative(command: Command<InitiativeCommandName>, view: WholeView): Decision {
  if (command.name === "initiative.propose") return acceptIfEffective([plainDraft(command)], view);
  const initiative = view.cut.initiative(command.on);
  if (initiative === null) return refuse("not-found");
  return isHandoff(command) ? decideHandoff(command, initiative, view) : act(command, initiative, view);
}

const isHandoff = (command: Acting | HandoffCommand): command is HandoffCommand =>
  command.name.endsWith("-handoff") || command.name === "initiative.retract-acceptance";

function act(command: Acting, initiative: Initiative, view: WholeView): Decision {
  const { ref: subject, term } = initiative;
  const reads = readsOf(initiative, view);
  const isJoining = command.name === "initiative.join" || command.name === "initiative.step-up";
  if (isJoining && initiative.status === "completed" && !isImport(command.body)) {
    return refuse("initiative-completed");
  }
  if (command.name === "initiative.step-up" && !isImport(command.body)) {
    const known = initiative.stepUps.find((one) => one.by === view.self);
    if (known?.as === command.body.as) return stands(known.ref);
  }
  if (command.name === "initiative.note-status" && initiative.statusNoted !== null) {
    const { body } = command;
    const isSaid =
      body.externalStatus === initiative.externalStatus && Object.keys(textsOf(body)).length === 0;
    if (isSaid && !isImport(body) && initiative.lead === view.self) return stands(initiative.statusNoted);
  }
  if (isPlain(command)) {
    const decision = acceptIfEffective([plainDraft(command, { term })], view, reads);
    return explained(decision, "wrong-state", standingOf(initiative));
  }
  switch (command.name) {
    case "initiative.adopt": {
      const x = { ...provenance(command.body), term };
      const adopted: Draft = { type: "initiative.adopted", subject, x, ...textsOf(command.body) };
      const decision = acceptIfEffective([adopted], view, reads);
      if (decision.ok && !isImport(command.body) && promisersTo(subject, view.cut).size < 2)
        return refuse("needs-two-commitments");
      return explained(decision, "wrong-state", standingOf(initiative));
    }
  }
}

/** What the lead can do with an initiative, by its status. */
const nextSteps: Readonly<Record<Initiative["status"], string>> = {
  proposed: "its lead can adopt it",
  active: "its lead can pause or complete it",
  paused: "its lead can resume or complete it",
  completed: "that is final",
};
const standingOf = ({ status }: Initiative): string => `It is ${status}; ${nextSteps[status]}.`;

/** Partners who owe something to an initiative, bound and still open or kept. */
function promisersTo(initiative: string, cut: WholeCut): ReadonlySet<PartnerId> {
  const commitments = cut.citing(initiative).flatMap((subject) => cut.commitment(subject) ?? []);
  return new Set(
    commitments
      .filter((one) => isPromiseUpheld(one.state))
      .filter(
        (one) =>
          one.seat?.initiative === initiative ||
          one.beneficiaries.includes(initiative) ||
          (one.origin !== null && cut.fact(one.origin)?.subject === initiative),
      )
      .map((one) => one.debtor),
  );
}
