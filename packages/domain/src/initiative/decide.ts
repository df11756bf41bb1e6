/**
 * Answers commands about initiatives. Guards about starting well are asked here alone, at the author's node; whatever
 * the fold asks is asked by rehearsing the entry.
 */
import type { Command, CommandName } from "@handfast/api/verbs";
import type { PartnerId } from "@handfast/protocol/ids";
import { type Decision, type Draft, refuse } from "../decision.ts";
import { present, provenance, textsOf } from "../drafting.ts";
import { acceptIfEffective } from "../rehearsal.ts";
import { isImport } from "../starting-well.ts";
import type { WholeCut, WholeView } from "../whole.ts";
import { decideHandoff, type HandoffCommand } from "./decide-handoff.ts";
import { readsOf } from "./reads.ts";
import type { Initiative } from "./state.ts";

export type InitiativeCommandName = Extract<CommandName, `initiative.${string}`>;
type Acting = Exclude<Command<InitiativeCommandName>, { name: "initiative.propose" } | HandoffCommand>;

export function decideInitiative(command: Command<InitiativeCommandName>, view: WholeView): Decision {
  if (command.name === "initiative.propose") return decidePropose(command, view);
  const initiative = view.cut.initiative(command.on);
  if (initiative === null) return refuse("not-found");
  return isHandoff(command) ? decideHandoff(command, initiative, view) : act(command, initiative, view);
}

const isHandoff = (command: Acting | HandoffCommand): command is HandoffCommand =>
  command.name.endsWith("-handoff") || command.name === "initiative.retract-acceptance";

function decidePropose({ body }: Command<"initiative.propose">, view: WholeView): Decision {
  const x = { ...provenance(body), ...present({ seat: body.seat }) };
  return acceptIfEffective([{ type: "initiative.proposed", subject: null, x, ...textsOf(body) }], view);
}

function act(command: Acting, initiative: Initiative, view: WholeView): Decision {
  const { ref: subject, term } = initiative;
  const from = provenance(command.body);
  const x = { ...from, term };
  const say = (draft: Draft) =>
    acceptIfEffective([{ ...draft, ...textsOf(command.body) }], view, readsOf(initiative, view));
  switch (command.name) {
    case "initiative.adopt":
      if (!isImport(command.body) && promisersTo(subject, view.cut).size < 2) {
        return refuse("needs-two-commitments");
      }
      return say({ type: "initiative.adopted", subject, x });
    case "initiative.pause":
      return say({ type: "initiative.paused", subject, x });
    case "initiative.resume":
      return say({ type: "initiative.resumed", subject, x });
    case "initiative.complete":
      return say({ type: "initiative.completed", subject, x });
    case "initiative.note-status": {
      const { externalStatus } = command.body;
      return say({ type: "initiative.status-noted", subject, x: { ...x, externalStatus } });
    }
    case "initiative.join":
      return say({ type: "initiative.joined", subject, x: from });
    case "initiative.leave":
      return say({ type: "initiative.left", subject, x: from });
    case "initiative.step-up":
      return say({ type: "lead.stepped-up", subject, x: { ...from, as: command.body.as } });
  }
}

/** Partners who owe something to an initiative, bound and still open or kept. */
function promisersTo(initiative: string, cut: WholeCut): ReadonlySet<PartnerId> {
  const commitments = cut.citing(initiative).flatMap((subject) => cut.commitment(subject) ?? []);
  const stands: ReadonlySet<string> = new Set(["active", "claimed", "disputed", "satisfied"]);
  return new Set(
    commitments
      .filter((one) => stands.has(one.state))
      .filter(
        (one) =>
          one.seat?.initiative === initiative ||
          one.beneficiaries.includes(initiative) ||
          (one.origin !== null && cut.fact(one.origin)?.subject === initiative),
      )
      .map((one) => one.debtor),
  );
}
