/** Deciding to ask, to offer or to pledge: the commands that begin a commitment. */
import type { Command } from "@handfast/api/verbs";
import type { PartnerId } from "@handfast/protocol/ids";
import type { Refusal } from "@handfast/protocol/reasons";
import type { Beneficiary } from "@handfast/protocol/terms";
import { type Decision, type Draft, refuse } from "../decision.ts";
import { present, provenance, textsOf } from "../drafting.ts";
import { wholePast } from "../fact.ts";
import { acceptIfEffective } from "../rehearsal.ts";
import { isImport, isOver, refuseOver } from "../starting-well.ts";
import type { WholeView } from "../whole.ts";
import { seatOf } from "./seat.ts";
import { isPartner, partnersAmong } from "./terms.ts";

export function decideRequest({ body: command }: Command<"commitment.request">, view: WholeView): Decision {
  const { debtor, confirmers, due, origin } = command;
  const beneficiaries = command.beneficiaries ?? [view.self];
  const parties = { debtor, beneficiaries, ...present({ confirmers }), due, ...present({ origin }) };
  return begin({ type: "commitment.requested", x: { ...provenance(command), ...parties } }, command, view);
}

export function decideOffer({ body: command }: Command<"commitment.offer">, view: WholeView): Decision {
  const { beneficiaries, confirmers, due, origin } = command;
  const parties = {
    debtor: view.self,
    beneficiaries,
    ...present({ confirmers }),
    due,
    ...present({ origin }),
  };
  return begin({ type: "commitment.offered", x: { ...provenance(command), ...parties } }, command, view);
}

export function decidePledge({ body: command }: Command<"commitment.pledge">, view: WholeView): Decision {
  const { beneficiaries, confirmers, due, origin, asLeadOf } = command;
  const seat = asLeadOf === undefined ? undefined : seatOf(asLeadOf, view);
  if (seat === null) return refuse("not-the-lead");
  const parties = {
    debtor: view.self,
    beneficiaries,
    ...present({ confirmers }),
    due,
    ...present({ origin, seat }),
  };
  return begin({ type: "commitment.pledged", x: { ...provenance(command), ...parties } }, command, view);
}

type Beginning = Extract<
  Draft,
  { type: "commitment.requested" | "commitment.offered" | "commitment.pledged" }
>;
type Unsubjected<D extends Beginning = Beginning> = D extends Beginning ? Pick<D, "type" | "x"> : never;

function begin(
  statement: Unsubjected,
  command: {
    readonly title: string;
    readonly text?: string | undefined;
    readonly imported?: boolean | undefined;
  },
  view: WholeView,
): Decision {
  const { type, x } = statement;
  const other = x.beneficiaries.find((one) => !isPartner(one));
  if (type !== "commitment.pledged" && other !== undefined)
    return refuse("partners-only", `${other} is not a partner.`);
  const refusal = refusalOfParties(x, view);
  if (refusal !== null) return refuse(refusal);
  if (isOver(x.due, command, view)) return refuseOver(x.due, view);
  const cited = [
    ...(x.origin === undefined ? [] : [x.origin]),
    ...x.beneficiaries.filter((one) => one !== "network" && !isPartner(one)),
  ];
  if (cited.some((ref) => view.cut.fact(ref) === undefined)) return refuse("not-found");
  const seat = "seat" in x ? x.seat?.initiative : undefined;
  const promisedTo = seat === undefined ? cited : [...cited, seat];
  const completed = promisedTo.find((ref) => view.cut.initiative(ref)?.status === "completed");
  if (completed !== undefined && !isImport(command)) return refuse("initiative-completed", completed);
  const draft = { ...statement, subject: null, ...textsOf(command) } as Draft;
  return acceptIfEffective([draft], view);
}

/** Guards about starting well: everyone named takes part in the network, and nobody is to confirm their own promise. */
export function refusalOfParties(
  x: {
    readonly debtor: PartnerId;
    readonly beneficiaries: readonly Beneficiary[];
    readonly confirmers?: readonly PartnerId[] | undefined;
  },
  { cut, self }: WholeView,
): Refusal | null {
  const partners = partnersAmong(x.beneficiaries);
  const confirmers = x.confirmers ?? partners;
  if (confirmers.includes(x.debtor) || partners.includes(x.debtor)) return "promise-to-self";
  const known = (partner: PartnerId) => cut.membership.isActive(partner, wholePast);
  // Named or not, the author is checked first: only the author can do something about it.
  if (!known(self)) return "not-a-member";
  return [x.debtor, ...partners, ...confirmers].every(known) ? null : "unknown-partner";
}
