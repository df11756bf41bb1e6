/**
 * Which acts count under terms that bind, judged by what each act's own past holds: the debtor's, the confirmers' and
 * the beneficiaries', each for themselves only.
 */
import type { Event, EventOf } from "@handfast/protocol/events";
import type { Reason } from "@handfast/protocol/reasons";
import { type Fact, isBefore } from "../fact.ts";
import { type ActEvent, actsUnder, type Book } from "./book.ts";
import { debtorIn, judgeCarried, judgeCarryAccepted } from "./carrying.ts";
import { negotiationIn } from "./negotiation.ts";
import { isClosedState, type Performance, performanceIn } from "./performance.ts";
import { currentIn, type InForce } from "./revision.ts";
import { pastOf } from "./scope.ts";
import { isOfPledge, isPartner } from "./terms.ts";

/** What was in force as the author saw it; `null` where nothing bound. A claim or confirmation may itself reaffirm. */
export function inForceBefore(fact: Fact, book: Book): InForce | null {
  const past = pastOf(fact);
  const type = fact.told.ok ? fact.told.event.type : null;
  const presuming = type === "commitment.claimed" || type === "commitment.confirmed" ? fact : undefined;
  const { bound } = negotiationIn(book, past, presuming);
  if (bound === null) return null;
  return { bound, current: currentIn(book, past, bound), debtor: debtorIn(book, past, bound) };
}

type Situation = {
  readonly fact: Fact;
  readonly inForce: InForce;
  readonly book: Book;
  /** How far it had come in the act's past. */
  readonly before: Performance;
};
type Rules = {
  readonly [Type in ActEvent["type"]]: (event: EventOf<Type>, situation: Situation) => Reason | null;
};

/** Something done under terms that bind, of which there is a rule below. */
export const isAct = (event: Event): event is ActEvent => Object.hasOwn(rules, event.type);

export function judgeAct(fact: Fact, event: ActEvent, inForce: InForce, book: Book): Reason | null {
  const before = performanceIn(book, pastOf(fact), inForce.bound);
  const rule = rules[event.type] as (event: ActEvent, situation: Situation) => Reason | null;
  return rule(event, { fact, inForce, book, before });
}

const rules: Rules = {
  "commitment.progressed": (_event, { fact, inForce, before }) => {
    if (fact.by !== inForce.debtor) return "not-the-debtor";
    return isClosedState(before.state) ? "closed" : null;
  },

  "commitment.claimed": (_event, { fact, inForce, before }) => {
    if (fact.by !== inForce.debtor) return "not-the-debtor";
    if (before.withdrawn) return "wrong-state";
    // Claimed again only in answer to a dispute: a second claim would say nothing new.
    const unanswered = before.claims.some(
      (claim) => !before.disputes.some((dispute) => isBefore(claim.fact, dispute.fact)),
    );
    if (unanswered) return "wrong-state";
    return before.released ? "closed" : null;
  },

  "commitment.confirmed": ({ x }, { fact, inForce, before, book }) => {
    if (!before.confirmers.includes(fact.by)) return "not-a-confirmer";
    const progressed = () => actsUnder(book, pastOf(fact), inForce.bound, "commitment.progressed").length > 0;
    const said = before.claims.length > 0 || (x.as === "partial" && progressed());
    if (!said) return "not-claimed";
    return hasConfirmed(before, fact) ? "already-confirmed" : null;
  },

  "commitment.disputed": (_event, { fact, before }) => {
    if (!before.confirmers.includes(fact.by)) return "not-a-confirmer";
    if (before.claims.length === 0) return "not-claimed";
    return hasConfirmed(before, fact) ? "already-confirmed" : null;
  },

  "commitment.released": (_event, { fact, before }) => {
    if (!before.beneficiaries.filter(isPartner).includes(fact.by)) return "not-a-party";
    return before.releasedBy.includes(fact.by) ? "already-released" : null;
  },

  "commitment.withdrawn": (_event, { fact, inForce, before }) => {
    if (fact.by !== inForce.debtor) return "not-the-debtor";
    if (before.claims.length > 0) return "already-claimed";
    return before.withdrawn || before.released ? "closed" : null;
  },

  "commitment.pledge-declined": (_event, { fact, inForce, before }) => {
    const { bound } = inForce;
    if (!isOfPledge(bound) || !bound.beneficiaries.includes(fact.by)) return "not-a-party";
    return before.beneficiaries.includes(fact.by) ? null : "already-declined";
  },

  "commitment.carry-accepted": (event, { fact, book }) => judgeCarryAccepted(fact, event, book),
  "commitment.carried": (event, { fact, inForce, book }) => judgeCarried(fact, event, inForce, book),
};

const hasConfirmed = ({ confirmations }: Performance, fact: Fact): boolean =>
  confirmations.some((one) => one.by === fact.by && one.as === "full");
