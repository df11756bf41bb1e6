/**
 * A challenge: what a partner struggles with and asks help for. Anyone may say that it heard; only the owner says that
 * it is resolved, and only the owner takes an offer of help or thanks for it. The table of its rules
 * (docs/reference/fold.md section 5); the smallest of all machines, to be read first.
 */
import type { EventName } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import { compareFacts, type Entry, type Fact, isConcurrent } from "../fact.ts";
import type { Machine, Rule, Rules } from "../kernel/machine.ts";
import type { Acting } from "../kind.ts";
import { gate } from "../laws/own-promise.ts";

export type Offer = Entry<"help.offered"> & {
  readonly answers: (Entry<"help.accepted"> | Entry<"help.thanked-declined">)[];
  readonly retractions: Fact[];
};
export type ChallengeState = {
  readonly creation: Entry<"challenge.shared">;
  readonly acknowledgements: Fact[];
  /** The latest of resolved and reopened. */
  turn: { readonly fact: Fact; readonly isResolved: boolean } | null;
  readonly offers: Map<Ref, Offer>;
};

/** Only its owner resolves a challenge, takes an offer of help or thanks for it. */
const isOwner = ({ by }: Fact, { creation }: ChallengeState): boolean => by === creation.fact.by;
export const isResolved = ({ turn }: ChallengeState): boolean => turn?.isResolved === true;

const acknowledged: Rule<ChallengeState, "challenge.acknowledged", null> = {
  judge: ({ fact }, seen) => (isOwner(fact, seen) ? "own-challenge" : null),
  add: (state, { fact }) => void state.acknowledgements.push(fact),
};

const turned = <Name extends "challenge.resolved" | "challenge.reopened">(
  to: boolean,
): Rule<ChallengeState, Name, null> => ({
  judge: ({ fact }, seen) => {
    if (!isOwner(fact, seen)) return "not-the-owner";
    return isResolved(seen) === to ? "wrong-state" : null;
  },
  add: (state, { fact }) => {
    if (state.turn === null || compareFacts(state.turn.fact, fact) < 0) state.turn = { fact, isResolved: to };
  },
});

const offered: Rule<ChallengeState, "help.offered", null> = {
  judge: ({ fact }, seen) => {
    if (isOwner(fact, seen)) return "own-challenge";
    return isResolved(seen) ? "challenge-resolved" : null;
  },
  add: (state, { fact, event }) =>
    void state.offers.set(fact.ref, { fact, event, answers: [], retractions: [] }),
};

const retracted: Rule<ChallengeState, "help.retracted", null> = {
  judge: ({ fact, event }, seen) => {
    const offer = seen.offers.get(event.x.offer);
    if (offer?.fact.by !== fact.by) return "not-the-offerer";
    // An acceptance in its past that crossed did so with an earlier retraction, which closes it as well.
    const isAccepted = offer.answers.some((answer) => answer.event.type === "help.accepted");
    return offer.retractions.length > 0 || isAccepted ? "offer-closed" : null;
  },
  add: (state, { fact, event }) => void state.offers.get(event.x.offer)?.retractions.push(fact),
};

function judgeAnswer(fact: Fact, named: Ref, seen: ChallengeState): Reason | null {
  const offer = seen.offers.get(named);
  if (!isOwner(fact, seen)) return "not-the-owner";
  if (offer === undefined || offer.answers.length > 0) return "offer-closed";
  return offer.retractions.length > 0 ? "offer-retracted" : null;
}

const accepted: Rule<ChallengeState, "help.accepted", null> = {
  judge: ({ fact, event }, seen) => judgeAnswer(fact, event.x.offer, seen),
  add: (state, { fact, event }) => void state.offers.get(event.x.offer)?.answers.push({ fact, event }),
};
const thankedDeclined: Rule<ChallengeState, "help.thanked-declined", null> = {
  judge: ({ fact, event }, seen) => judgeAnswer(fact, event.x.offer, seen),
  add: (state, { fact, event }) => void state.offers.get(event.x.offer)?.answers.push({ fact, event }),
};

const rules: Rules<ChallengeState, Acting<"challenge">> = {
  "challenge.acknowledged": acknowledged,
  "challenge.resolved": turned<"challenge.resolved">(true),
  "challenge.reopened": turned<"challenge.reopened">(false),
  "help.offered": offered,
  "help.retracted": retracted,
  "help.accepted": accepted,
  "help.thanked-declined": thankedDeclined,
};

export const challengeMachine: Machine<ChallengeState> = {
  rules,
  gate: (fact, creation, cut) => gate(fact, "challenge", creation !== null, cut),
  opens: ({ fact, event }) =>
    event.type === "challenge.shared"
      ? () => ({ creation: { fact, event }, acknowledgements: [], turn: null, offers: new Map() })
      : "wrong-subject",
  hears: () => [],
  learn: () => undefined,
  isCrossed: ({ fact, event }, whole) =>
    event.type === "help.accepted" && isCrossedAcceptance(fact, whole.offers.get(event.x.offer)),
  mayCross: ({ event }) => event.type === "help.accepted",
  crossesAtOnce: () => false,
  touchesOthers: new Set<EventName>(["help.retracted"]),
  isTouchedByOthers: true,
};

/** Whether an offer of help was taken back by an author who did not know that it was accepted. */
export const isCrossedAcceptance = (accept: Fact, offer: Offer | undefined): boolean =>
  offer?.retractions.some((one) => isConcurrent(one, accept)) === true;
