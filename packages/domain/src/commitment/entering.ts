/** Writes an entry into the book of its commitment (and answers `null`), or says why it does not count. */
import type { EventOf } from "@handfast/protocol/events";
import type { PinnedRef } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import { plainRef } from "../citations.ts";
import type { Fact } from "../fact.ts";
import { judgeAnswer } from "./answer-rules.ts";
import {
  type ActEvent,
  type Book,
  type PullBack,
  revisionIn,
  type Stated,
  statedIn,
  writeAct,
} from "./book.ts";
import type { CommitmentEvent } from "./gate.ts";
import { judgeAccepted, judgeCountered, judgeDeclined, judgeRetracted } from "./negotiation-rules.ts";
import { inForceBefore, isAct, judgeAct } from "./performance-rules.ts";
import { type InForce, judgeRevisionAccepted, judgeRevisionProposed } from "./revision.ts";
import { pastOf } from "./scope.ts";
import { revisedTerms, termsOf } from "./terms.ts";

export function enter(fact: Fact, event: CommitmentEvent, book: Book): Reason | null {
  if (isAct(event)) return enterUnder(fact, event, book);
  switch (event.type) {
    case "subject.merged":
      return null;
    // What creates a commitment is its first page, and about nothing that was there before.
    case "commitment.requested":
    case "commitment.offered":
    case "commitment.pledged":
      return "wrong-subject";
    case "commitment.countered": {
      const reason = judgeCountered(fact, event, book);
      if (reason !== null) return reason;
      state(book.stated, { terms: termsOf(fact, event), fact }, book);
      return pullBack(event.x.base, "countered", fact, book);
    }
    case "commitment.accepted": {
      const reason = judgeAccepted(fact, event, book);
      return reason ?? sign(event.x.terms, fact, book);
    }
    case "commitment.declined": {
      const reason = judgeDeclined(fact, event, book, statedIn(book, pastOf(fact), event.x.terms));
      return reason ?? pullBack(event.x.terms, "declined", fact, book);
    }
    case "commitment.retracted": {
      const reason = judgeRetracted(fact, event, book, statedIn(book, pastOf(fact), event.x.terms));
      return reason ?? pullBack(event.x.terms, "retracted", fact, book);
    }
    case "commitment.reaffirmed":
    case "commitment.let-go": {
      const judged = judgeAnswer(fact, event, book);
      if (judged === null) return "not-crossed";
      const says = event.type === "commitment.let-go" ? "let-go" : "reaffirmed";
      book.answers.push({ terms: event.x.terms, by: fact.by, fact, says, among: judged.among });
      return null;
    }
    case "commitment.revision-proposed":
    case "commitment.revision-accepted":
    case "commitment.revision-declined":
    case "commitment.revision-retracted":
      return enterUnder(fact, event, book);
  }
}

type RevisionEvent = EventOf<`commitment.revision-${"proposed" | "accepted" | "declined" | "retracted"}`>;

/** Entries that need terms which bind. */
function enterUnder(fact: Fact, event: ActEvent | RevisionEvent, book: Book): Reason | null {
  const inForce = inForceBefore(fact, book);
  if (inForce === null) return "not-active";
  const reason = isAct(event)
    ? (judgeAct(fact, event, inForce, book) ?? writeAct(book, { fact, event }))
    : enterRevision(fact, event, inForce, book);
  if (reason === null) book.under.set(fact.ref, inForce.bound.pinned);
  return reason;
}

function enterRevision(fact: Fact, event: RevisionEvent, inForce: InForce, book: Book): Reason | null {
  const revision = (pinned: PinnedRef) => revisionIn(book, pastOf(fact), pinned);
  switch (event.type) {
    case "commitment.revision-proposed": {
      const reason = judgeRevisionProposed(fact, event, inForce, book);
      const terms = revisedTerms(fact, inForce.current.terms, event.x.due);
      return reason ?? state(book.revisions, { terms, fact }, book);
    }
    case "commitment.revision-accepted": {
      const reason = judgeRevisionAccepted(fact, event, inForce, book, revision(event.x.terms));
      return reason ?? sign(event.x.terms, fact, book);
    }
    case "commitment.revision-declined": {
      const reason = judgeDeclined(fact, event, book, revision(event.x.terms));
      return reason ?? pullBack(event.x.terms, "declined", fact, book);
    }
    case "commitment.revision-retracted": {
      const reason = judgeRetracted(fact, event, book, revision(event.x.terms));
      return reason ?? pullBack(event.x.terms, "retracted", fact, book);
    }
  }
}

/** Whoever states terms has signed them. */
export function state(among: Stated[], stated: Stated, book: Book): null {
  const { terms, fact } = stated;
  among.push(stated);
  book.signatures.push({ terms: terms.pinned, by: fact.by, fact, since: fact });
  return null;
}

function sign(named: PinnedRef, fact: Fact, book: Book): null {
  const { creation, cut } = book;
  const offer = cut.fact(plainRef(named));
  const byOffer = offer?.told.ok === true && offer.told.event.type === "help.offered";
  book.signatures.push(
    byOffer
      ? { terms: creation.terms.pinned, by: offer.by, fact: offer, since: fact }
      : { terms: named, by: fact.by, fact, since: fact },
  );
  return null;
}

function pullBack(terms: PinnedRef, how: PullBack["how"], fact: Fact, book: Book): null {
  book.pullBacks.push({ terms, by: fact.by, fact, how });
  return null;
}
