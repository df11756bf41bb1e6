/**
 * A commitment: one partner promises others an outcome by a day. It is agreed by naming the same terms, it binds only
 * those who signed them, and only those it was made to can say that it was kept. The table of its rules
 * (docs/reference/fold.md section 6).
 */
import type { EventName, EventOf } from "@handfast/protocol/events";
import type { PartnerId, PinnedRef } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import { type Fact, isBefore } from "../fact.ts";
import type { Counted, Machine, Rules } from "../kernel/machine.ts";
import type { Acting, EventAbout } from "../kind.ts";
import { gate, type Passed } from "../laws/own-promise.ts";
import * as answering from "./answering.ts";
import * as carrying from "./carrying.ts";
import * as negotiation from "./negotiation.ts";
import { addCrossing, hasComeToOwe } from "./performance.ts";
import * as performing from "./performing.ts";
import * as revision from "./revision.ts";
import { crossedRetractions } from "./signature-by-offer.ts";
import {
  addDeparture,
  addPullBack,
  addTerms,
  awaitsHelper,
  crossesWhenSigned,
  findTerms,
  isFullySigned,
  isInForce,
  type Stated,
  settledIn,
  standingAlone,
  standingOf,
} from "./standing.ts";
import { type CommitmentState, openCommitment, type Under } from "./state.ts";
import { type CreatingEvent, isCreating, isPartner, termsOf } from "./terms.ts";

const rules: Rules<CommitmentState, Acting<"commitment">> = {
  "commitment.countered": negotiation.countered,
  "commitment.accepted": negotiation.accepted,
  "commitment.declined": negotiation.declined,
  "commitment.retracted": negotiation.retracted,
  "commitment.reaffirmed": answering.reaffirmed,
  "commitment.let-go": answering.letGo,
  "commitment.progressed": performing.progressed,
  "commitment.claimed": performing.claimed,
  "commitment.confirmed": performing.confirmed,
  "commitment.disputed": performing.disputed,
  "commitment.released": performing.released,
  "commitment.withdrawn": performing.withdrawn,
  "commitment.pledge-declined": performing.pledgeDeclined,
  "commitment.revision-proposed": revision.revisionProposed,
  "commitment.revision-accepted": revision.revisionAccepted,
  "commitment.revision-declined": revision.revisionDeclined,
  "commitment.revision-retracted": revision.revisionRetracted,
  "commitment.carry-accepted": carrying.carryAccepted,
  "commitment.carried": carrying.carried,
};

export const commitmentMachine: Machine<CommitmentState> = {
  rules,
  gate: commitmentGate,
  opens: ({ fact, event }) => {
    if (!isCreating(event)) return "wrong-subject";
    const reason = judgeCreation(fact.by, event);
    if (reason !== null) return reason;
    const terms = termsOf(fact, event);
    return () => {
      const state = openCommitment({ fact, event, terms });
      addTerms(state, terms, fact);
      return state;
    };
  },
  hears: ({ fact, event }, cut) => {
    // What may take a handoff back may take back what was carried with it.
    if (event.type === "commitment.carried") return cut.crossingsOf(event.x.completed);
    if (!isCreating(event) || fact.names !== null) return [];
    const { signers } = termsOf(fact, event);
    // Who signs alone, as a pledge's debtor does, signs beside nobody whom it could leave.
    const left = signers.length < 2 ? [] : signers.flatMap((one) => cut.membership.departuresOf(one));
    return [...left, ...crossedRetractions({ fact, event }, cut)];
  },
  learn: (state, heard) => {
    const type = heard.told.ok ? heard.told.event.type : null;
    const { pinned, signers } = state.creation.terms;
    if (type === "help.retracted") addPullBack(state, pinned, "help-retracted", heard);
    else {
      state.crossings.add(heard.ref);
      for (const done of state.performances.values()) addCrossing(done, heard.ref);
    }
    if (type === "member.left" && signers.length > 1) addDeparture(state, heard);
  },
  isCrossed,
  mayCross: ({ event, note }) =>
    (note as Partial<Under> | null)?.under !== undefined || !neverCrosses.has(event.type),
  crossesAtOnce: ({ fact, event, note }, whole) => {
    if (event.type === "commitment.accepted") {
      const { terms, signature } = note as negotiation.Signing;
      return crossesWhenSigned(whole.stated.get(terms) as Stated, signature, whole);
    }
    if (event.type === "commitment.revision-accepted") {
      const signature = { by: fact.by, fact, since: fact };
      return crossesWhenSigned(whole.revisions.get(event.x.terms) as Stated, signature, whole);
    }
    return event.type === "commitment.carried" && (note as carrying.Carrying).crossings.length > 0;
  },
  touchesOthers: new Set<EventName>(),
  isTouchedByOthers: true,
};

/** What is asked of every entry, except that who left may still finish, or openly withdraw, what it owed by then. */
function commitmentGate(fact: Fact, creation: Fact | null, cut: Cut): Passed {
  const passed = gate(fact, "commitment", creation !== null, cut);
  if (passed.reason !== "not-a-member" || creation === null || !fact.told.ok) return passed;
  const { event } = fact.told;
  const finishes = ["commitment.progressed", "commitment.claimed", "commitment.withdrawn"];
  const leftOwing = () =>
    cut.membership.departuresOf(fact.by, fact.past).some((left) => isBefore(creation, left));
  return finishes.includes(event.type) && leftOwing() ? { event, reason: null } : passed;
}

function judgeCreation(by: PartnerId, { type, x }: CreatingEvent): Reason | null {
  // No entry that came from elsewhere gets here like this, its schema says no; a draft of our own may.
  const isBetweenPartners = x.beneficiaries.every((one) => isPartner(one) && one !== x.debtor);
  if (type !== "commitment.pledged" && !isBetweenPartners) return "malformed";
  const isByParty = type === "commitment.requested" ? x.beneficiaries.includes(by) : by === x.debtor;
  return isByParty ? null : "not-a-party";
}

/** Types of entries that cross only where the terms that they were done under do. */
const neverCrosses: ReadonlySet<EventName> = new Set<EventName>([
  "commitment.offered",
  "commitment.pledged",
  "commitment.reaffirmed",
  "commitment.let-go",
  "commitment.revision-proposed",
  "commitment.pledge-declined",
  "subject.merged",
]);

/** Whether what an entry says is not what came of it. Every question costs the same, whatever the number of entries. */
function isCrossed({ fact, event: any, note }: Counted, whole: CommitmentState): boolean {
  const event = any as EventAbout<"commitment"> | EventOf<"subject.merged">;
  const { chosen } = settledIn(whole);
  const { under, owes } = (note ?? {}) as Partial<Under>;
  if (under !== undefined && under !== chosen?.terms.pinned) return true;
  const done = under === undefined ? undefined : whole.performances.get(under);
  if (owes != null && (done === undefined || !hasComeToOwe(done, owes))) return true;
  switch (event.type) {
    case "commitment.requested": {
      const asked = whole.stated.get(whole.creation.terms.pinned) as Stated;
      return awaitsHelper(asked) && standingOf(asked, whole) === "crossed";
    }
    case "commitment.accepted": {
      const stated = whole.stated.get((note as negotiation.Signing).terms) as Stated;
      return isFullySigned(stated) && stated !== chosen;
    }
    case "commitment.revision-accepted": {
      const signed = whole.revisions.get(event.x.terms) as Stated;
      return isFullySigned(signed) && (chosen === null || !isInForce(event.x.terms, chosen, whole));
    }
    case "commitment.countered":
      return isUnheeded(event.x.base, whole);
    case "commitment.declined":
    case "commitment.retracted":
      return isUnheeded(event.x.terms, whole);
    case "commitment.revision-declined":
    case "commitment.revision-retracted": {
      const revised = whole.revisions.get(event.x.terms) as Stated;
      return isFullySigned(revised) && standingAlone(revised, whole) !== "closed";
    }
    case "commitment.carried":
      return done === undefined || !hasComeToOwe(done, fact.ref);
    case "commitment.offered":
    case "commitment.pledged":
    case "commitment.reaffirmed":
    case "commitment.let-go":
    case "commitment.revision-proposed":
    case "commitment.progressed":
    case "commitment.claimed":
    case "commitment.confirmed":
    case "commitment.disputed":
    case "commitment.released":
    case "commitment.withdrawn":
    case "commitment.pledge-declined":
    case "commitment.carry-accepted":
    case "subject.merged":
      return false;
  }
}

/** Pulled back, and fully signed all the same, and not closed. */
function isUnheeded(pinned: PinnedRef, whole: CommitmentState): boolean {
  const stated = findTerms(whole, pinned);
  return stated !== undefined && isFullySigned(stated) && standingOf(stated, whole) !== "closed";
}
