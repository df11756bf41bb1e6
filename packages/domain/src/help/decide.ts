/**
 * Answers commands about challenges and help. Taking an offer of help opens a commitment in the same append; where the
 * offer stated terms and is taken whole, without a word changed, the offer itself is the helper's signature (law L1).
 */
import type { Command, CommandName } from "@handfast/api/verbs";
import type { PartnerId } from "@handfast/protocol/ids";
import type { Beneficiary } from "@handfast/protocol/terms";
import { type Decision, type Draft, explained, refuse, stands } from "../decision.ts";
import { isPlain, plainDraft, present, provenance, textsOf } from "../drafting.ts";
import { acceptIfEffective } from "../rehearsal.ts";
import { isImport, isOver, refuseOver } from "../starting-well.ts";
import type { WholeView } from "../whole.ts";
import type { Challenge, HelpOffer } from "./view.ts";

export type HelpCommandName = Extract<CommandName, `challenge.${string}`>;
type Acting = Command<Exclude<HelpCommandName, "challenge.share">>;

export function decideHelp(command: Command<HelpCommandName>, view: WholeView): Decision {
  if (command.name === "challenge.share") {
    const { ackBy } = command.body;
    return isOver(ackBy, command.body, view)
      ? refuseOver(ackBy, view)
      : acceptIfEffective([plainDraft(command)], view);
  }
  const challenge = view.cut.challenge(command.on);
  if (challenge === null) return refuse("not-found");
  return explained(act(command, challenge, view), "wrong-state", standingOf(challenge));
}

const standingOf = ({ state }: Challenge): string =>
  `It is ${state}; its owner can ${state === "resolved" ? "reopen" : "resolve"} it.`;

function act(command: Acting, challenge: Challenge, view: WholeView): Decision {
  if (command.name === "challenge.acknowledge" && !isImport(command.body)) {
    const heard = challenge.acknowledgements.find(({ by }) => by === view.self);
    if (heard !== undefined) return stands(heard.ref);
  }
  if (isPlain(command)) return acceptIfEffective([plainDraft(command)], view);
  const subject = challenge.ref;
  const rest = textsOf(command.body);
  const from = provenance(command.body);
  switch (command.name) {
    case "challenge.offer-help": {
      const { due, part, beneficiaries, confirmers } = command.body;
      if (isOver(due, command.body, view)) return refuseOver(due, view);
      const x = { ...from, ...present({ due, part, beneficiaries, confirmers }) };
      return acceptIfEffective([{ type: "help.offered", subject, x, ...rest }], view);
    }
    case "challenge.accept-help":
      return decideAcceptHelp(command, challenge, view);
  }
}

function decideAcceptHelp(
  command: Command<"challenge.accept-help">,
  challenge: Challenge,
  view: WholeView,
): Decision {
  const { body } = command;
  const offer = challenge.offers.find((one) => one.ref === body.offer);
  if (offer === undefined) return refuse("not-found");
  if (!view.holdsPayload(offer.ref)) return refuse("payload-not-held");
  const due = body.due ?? offer.due;
  if (due === null) return refuse("day-missing");
  if (isOver(due, command.body, view)) return refuseOver(due, view);

  const when = present({ occurredAt: body.occurredAt });
  const { ref: subject } = challenge;
  const parties = partiesOf(offer, view.self);
  const accepted: Draft = {
    type: "help.accepted",
    subject,
    x: { ...when, offer: offer.ref, ...present({ part: body.part }) },
  };
  const requested: Draft = {
    type: "commitment.requested",
    subject: null,
    x: { ...provenance(body), debtor: offer.by, ...parties, due, origin: "#0" },
    ...textsOf(body),
  };
  const signed: Draft = {
    type: "commitment.accepted",
    subject: "#1",
    x: { ...when, terms: offer.pinned },
  };
  const isWhole = body.part === undefined && body.title === undefined && body.text === undefined;
  if (isWhole && offer.due === due) {
    const whole = acceptIfEffective([accepted, requested, signed], view);
    // Terms the owner cannot take as they are become a request that the helper still has to sign.
    if (whole.ok || whole.refusal !== "terms-differ") return whole;
  }
  return acceptIfEffective([accepted, requested], view);
}

/** As the offer states them, where the owner can ask for just that; else for the owner alone. */
function partiesOf(
  { by, beneficiaries, confirmers }: HelpOffer,
  owner: PartnerId,
): { beneficiaries: Beneficiary[]; confirmers?: PartnerId[] } {
  const named = beneficiaries ?? [owner];
  const arePartners = named.every((one) => one !== "network" && !one.includes("."));
  if (!arePartners || !named.includes(owner) || named.includes(by)) return { beneficiaries: [owner] };
  return { beneficiaries: [...named], ...(confirmers === null ? {} : { confirmers: [...confirmers] }) };
}
