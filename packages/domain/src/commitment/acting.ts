/** What the decisions about a commitment share: which terms are meant, and an entry about it, if it will be effective. */
import type { Command, CommandName } from "@handfast/api/verbs";
import type { EventOf } from "@handfast/protocol/events";
import type { PinnedRef } from "@handfast/protocol/ids";
import { type Accepted, type Draft, type Refused, refuse } from "../decision.ts";
import { provenance, textsOf } from "../drafting.ts";
import { networkIfLeft } from "../network-if-left.ts";
import { acceptIfEffective } from "../rehearsal.ts";
import type { WholeView } from "../whole.ts";
import type { Commitment, StandingTerms } from "./view.ts";

export type CommitmentCommandName = Extract<CommandName, `commitment.${string}`>;
export type Acting = Exclude<
  CommitmentCommandName,
  "commitment.request" | "commitment.offer" | "commitment.pledge"
>;
export type ActingCommand = Command<Acting>;
export type ActingOn = { readonly commitment: Commitment; readonly view: WholeView };

/** Appends one entry about this commitment, if it will be effective. */
export function say<Type extends Draft["type"]>(
  command: ActingCommand,
  type: Type,
  x: Omit<EventOf<Type>["x"], "occurredAt" | "externalId" | "externalStatus" | "must">,
  { commitment, view }: ActingOn,
): Accepted | Refused {
  const draft = {
    type,
    subject: commitment.ref,
    x: { ...provenance(command.body), ...x },
    ...textsOf(command.body),
  } as Draft;
  return acceptIfEffective([draft], view, readsOf(commitment, view));
}

/** Whether a signer left and came back is told by the network. */
export const readsOf = ({ ref, terms }: Commitment, { cut }: WholeView): readonly string[] => [
  ref,
  ...networkIfLeft(
    terms.all.flatMap((one) => one.signers),
    cut,
  ),
];

/** Terms that wait for this partner's signature; those it signed by an offer it took back wait for it again. */
export const awaiting = (all: readonly StandingTerms[], { self }: WholeView): readonly StandingTerms[] =>
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
export function pick(
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
export const candidates = (open: readonly StandingTerms[], member: string): string =>
  `name one as \`${member}\`: ${open.map(({ pinned, due }) => `${pinned} (due ${due})`).join(", ")}`;
