/**
 * Answers the commands about commitments: one entry to append, or the reason why not. Guards of this file are asked of
 * our own commands only; whatever the fold asks is asked by rehearsing the entry, so that the two cannot disagree.
 */
import type { Command, CommandName } from "@handfast/api/verbs";
import type { EventOf } from "@handfast/protocol/events";
import type { PinnedRef } from "@handfast/protocol/ids";
import { type Decision, type Draft, type Refused, refuse, stands } from "../decision.ts";
import { isPlain, plainDraft, provenance, textsOf } from "../drafting.ts";
import { networkIfLeft } from "../network-if-left.ts";
import { acceptIfEffective, rehearse } from "../rehearsal.ts";
import { isImport, isOver, refuseOver } from "../starting-well.ts";
import type { WholeView } from "../whole.ts";
import { decideOffer, decidePledge, decideRequest, refusalOfParties } from "./decide-terms.ts";
import type { Commitment, CommitmentState, StandingTerms } from "./view.ts";

export type CommitmentCommandName = Extract<CommandName, `commitment.${string}`>;
type Acting = Exclude<CommitmentCommandName, "commitment.request" | "commitment.offer" | "commitment.pledge">;
type ActingCommand = Command<Acting>;
type Situation = { readonly commitment: Commitment; readonly view: WholeView };

export function decideCommitment(command: Command<CommitmentCommandName>, view: WholeView): Decision {
  if (command.name === "commitment.request") return decideRequest(command, view);
  if (command.name === "commitment.offer") return decideOffer(command, view);
  if (command.name === "commitment.pledge") return decidePledge(command, view);
  const commitment = view.cut.commitment(command.on);
  return commitment === null ? refuse("not-found") : act(command, { commitment, view });
}

/** Acts of which nothing would come: whoever releases, withdraws or claims what is closed says nothing that counts. */
const idle: { readonly [Name in Acting]?: readonly CommitmentState[] } = {
  "commitment.release": ["satisfied", "released", "declined"],
  "commitment.withdraw": ["satisfied", "withdrawn", "declined"],
  "commitment.claim": ["satisfied", "declined"],
};

function act(command: ActingCommand, situation: Situation): Decision {
  const { state } = situation.commitment;
  if (idle[command.name]?.includes(state) === true) {
    return refuse("closed", `it is ${state} already, and that would change nothing`);
  }
  if (isPlain(command)) {
    const { commitment, view } = situation;
    return acceptIfEffective([plainDraft(command)], view, readsOf(commitment, view));
  }
  switch (command.name) {
    case "commitment.counter":
      return counter(command, situation);
    case "commitment.accept":
      return sign(command, "commitment.accepted", situation.commitment.terms.all, situation);
    case "commitment.accept-revision":
      return sign(command, "commitment.revision-accepted", situation.commitment.revisions, situation);
    case "commitment.decline":
      return decline(command, "commitment.declined", situation.commitment.terms.all, situation);
    case "commitment.decline-revision":
      return decline(command, "commitment.revision-declined", situation.commitment.revisions, situation);
    case "commitment.retract":
      return retract(command, "commitment.retracted", situation.commitment.terms.all, situation);
    case "commitment.retract-revision":
      return retract(command, "commitment.revision-retracted", situation.commitment.revisions, situation);
    case "commitment.reaffirm":
      return answer(command, "commitment.reaffirmed", situation);
    case "commitment.let-go":
      return answer(command, "commitment.let-go", situation);
    case "commitment.propose-revision":
      return proposeRevision(command, situation);
  }
}

/** Appends one entry about this commitment, if it will be effective. */
function say<Type extends Draft["type"]>(
  command: ActingCommand,
  type: Type,
  x: Omit<EventOf<Type>["x"], "occurredAt" | "externalId" | "externalStatus" | "must">,
  { commitment, view }: Situation,
): Decision {
  const draft = {
    type,
    subject: commitment.ref,
    x: { ...provenance(command.body), ...x },
    ...textsOf(command.body),
  } as Draft;
  return acceptIfEffective([draft], view, readsOf(commitment, view));
}

/** Whether a signer left and came back is told by the network. */
const readsOf = ({ ref, terms }: Commitment, { cut }: WholeView): readonly string[] => [
  ref,
  ...networkIfLeft(
    terms.all.flatMap((one) => one.signers),
    cut,
  ),
];

function counter(command: Command<"commitment.counter">, situation: Situation): Decision {
  const { commitment, view } = situation;
  const { confirmers, due } = command.body;
  const waiting = awaiting(commitment.terms.all, view).filter((one) => one.standing === "open");
  const meant = pick(command.body.base, waiting, commitment.terms.all, "base");
  if ("refusal" in meant) return meant;
  const { debtor, beneficiaries, confirmers: named } = meant;
  const x = {
    debtor,
    beneficiaries: [...beneficiaries],
    confirmers: confirmers ?? [...named],
    due,
    base: meant.pinned,
  };
  const refusal = refusalOfParties(x, view);
  if (refusal !== null) return refuse(refusal);
  if (isOver(due, command.body, view)) return refuseOver(due, view);
  return say(command, "commitment.countered", x, situation);
}

function sign(
  command: Command<"commitment.accept" | "commitment.accept-revision">,
  type: "commitment.accepted" | "commitment.revision-accepted",
  all: readonly StandingTerms[],
  situation: Situation,
): Decision {
  const waiting = awaiting(all, situation.view);
  if (command.body.terms === undefined && waiting.length === 0) return refuse("nothing-to-accept");
  const meant = pick(command.body.terms, waiting, all);
  if ("refusal" in meant) return meant;
  if (!situation.view.holdsPayload(meant.ref)) return refuse("payload-not-held");
  return say(command, type, { terms: meant.pinned }, situation);
}

function decline(
  command: Command<"commitment.decline" | "commitment.decline-revision">,
  type: "commitment.declined" | "commitment.revision-declined",
  all: readonly StandingTerms[],
  situation: Situation,
): Decision {
  const meant = pick(command.body.terms, awaiting(all, situation.view), all);
  return "refusal" in meant ? meant : say(command, type, { terms: meant.pinned }, situation);
}

function retract(
  command: Command<"commitment.retract" | "commitment.retract-revision">,
  type: "commitment.retracted" | "commitment.revision-retracted",
  all: readonly StandingTerms[],
  situation: Situation,
): Decision {
  const own = all.filter((one) => one.by === situation.view.self);
  const waiting = own.filter((one) => one.standing === "open" || one.standing === "dormant");
  const meant = pick(command.body.terms, waiting, own);
  return "refusal" in meant ? meant : say(command, type, { terms: meant.pinned }, situation);
}

function proposeRevision(command: Command<"commitment.propose-revision">, situation: Situation): Decision {
  const { due } = command.body;
  if (isOver(due, command.body, situation.view)) return refuseOver(due, situation.view);
  const { commitment, view } = situation;
  const { pinned: base, due: known } = commitment.terms.current;
  const decision = say(command, "commitment.revision-proposed", { base, due }, situation);
  if (decision.ok && !isImport(command.body)) {
    if (due === known) return refuse("nothing-to-change", `it is due ${due} as it stands`);
    const same = commitment.revisions.find(
      (one) => one.by === view.self && one.base === base && one.due === due && one.standing === "open",
    );
    if (same !== undefined) return stands(same.ref);
  }
  return decision;
}

/** Stands by crossed terms or lets them go; without a name, those on which this partner's word is waited for. */
function answer(
  command: Command<"commitment.reaffirm" | "commitment.let-go">,
  type: "commitment.reaffirmed" | "commitment.let-go",
  situation: Situation,
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

/** Terms that wait for this partner's signature; those it signed by an offer it took back wait for it again. */
const awaiting = (all: readonly StandingTerms[], { self }: WholeView): readonly StandingTerms[] =>
  all.filter(
    ({ standing, signers, signed, pullBacks }) =>
      (signers.includes(self) && !signed.includes(self) && (standing === "open" || standing === "dormant")) ||
      (standing === "crossed" &&
        pullBacks.some((one) => one.by === self && one.how === "help-retracted" && one.answer === null)),
  );

/**
 * The terms a command means: those it names, else the only ones that wait. Where none wait, the last ones there are:
 * the fold knows best why they do not.
 */
function pick(
  named: PinnedRef | undefined,
  waiting: readonly StandingTerms[],
  all: readonly StandingTerms[],
  member: "terms" | "base" = "terms",
): StandingTerms | Refused {
  if (named !== undefined) return all.find((one) => one.pinned === named) ?? refuse("not-found", named);
  if (waiting.length > 1) return refuse("several-open", candidates(waiting, member));
  return waiting[0] ?? all.at(-1) ?? refuse("not-a-party");
}

/** The terms that are open, and the member of the command that names one of them. */
const candidates = (open: readonly StandingTerms[], member: string): string =>
  `name one as \`${member}\`: ${open.map(({ pinned, due }) => `${pinned} (due ${due})`).join(", ")}`;
