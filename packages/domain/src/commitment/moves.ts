/**
 * Whose move it is: what each party could do next, for its inbox. Only the parties see it, and no list of anybody
 * else's open moves is ever made of it.
 */
import type { Charter } from "@handfast/protocol/charter";
import type { Day, PartnerId } from "@handfast/protocol/ids";
import { dayOf } from "../laws/time.ts";
import { isClosedState } from "./stages.ts";
import { partnersAmong } from "./terms.ts";
import type { Commitment, StandingTerms } from "./view.ts";
import { answerUntil } from "./views.ts";

/** `answer` terms; `settle` what crossed (reaffirm or let go); `claim`; `confirm` (or dispute). */
export type Move = {
  readonly party: PartnerId;
  readonly verb: "answer" | "settle" | "claim" | "confirm";
  /** Until when, where there is such a day. */
  readonly by: Day | null;
};

export function moves(
  commitment: Commitment,
  viewer: PartnerId,
  parameters: Charter["parameters"],
): readonly Move[] {
  if (!partiesOf(commitment).includes(viewer)) return [];
  if (isClosedState(commitment.state)) return [];
  // What was open beside the terms that bind can no longer be signed.
  const asked = commitment.bound ? commitment.revisions : commitment.terms.all;
  return unique([...asked.flatMap(movesOnTerms), ...movesOnPromise(commitment, parameters)]);
}

/** Everyone named in it or who took part in it. */
export const partiesOf = (commitment: Commitment): readonly PartnerId[] => [
  ...new Set([
    commitment.by,
    commitment.debtor,
    ...partnersAmong(commitment.beneficiaries),
    ...commitment.confirmers,
    ...commitment.terms.all.flatMap((terms) => terms.signers),
  ]),
];

function movesOnTerms(terms: StandingTerms): readonly Move[] {
  const { standing, signers, signed, pullBacks, by, due } = terms;
  switch (standing) {
    case "open":
      return signers
        .filter((signer) => !signed.includes(signer))
        .map((party) => ({ party, verb: "answer", by: due }));
    case "dormant":
      return [{ party: by, verb: "settle", by: null }];
    case "crossed": {
      const unanswered = pullBacks.filter((one) => one.answer === null).map((one) => one.by);
      // With nobody left to answer, it crossed with other terms that bind: each signer may choose.
      const parties = unanswered.length > 0 ? unanswered : signers;
      return parties.map((party) => ({ party, verb: "settle", by: null }));
    }
    case "bound":
    case "closed":
      return [];
  }
}

function movesOnPromise(commitment: Commitment, parameters: Charter["parameters"]): readonly Move[] {
  const { state, debtor, due, confirmations } = commitment;
  switch (state) {
    case "active":
      return [{ party: debtor, verb: "claim", by: due }];
    case "disputed":
      return [{ party: debtor, verb: "claim", by: null }];
    case "claimed": {
      const until = answerUntil(commitment, parameters);
      return confirmations
        .filter((one) => one.as !== "full")
        .map((one) => ({ party: one.by, verb: "confirm", by: until === null ? null : dayOf(until) }));
    }
    case "offered":
    case "requested":
    case "crossed":
    case "satisfied":
    case "released":
    case "withdrawn":
    case "declined":
    case "retracted":
      return [];
  }
}

const unique = (all: readonly Move[]): readonly Move[] =>
  all.filter(
    (move, index) =>
      all.findIndex((one) => one.party === move.party && one.verb === move.verb && one.by === move.by) ===
      index,
  );
