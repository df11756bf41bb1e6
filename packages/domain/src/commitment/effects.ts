/**
 * What became of entries that count: effective, or crossed with something their authors did not know of. A signature is
 * crossed while its terms, fully signed, do not bind; pulling back is crossed unless it was heeded.
 */
import type { PinnedRef } from "@handfast/protocol/ids";
import type { Fact } from "../fact.ts";
import { crossed, effective, type Verdict } from "../verdict.ts";
import { type Book, isFullySigned } from "./book.ts";
import { completionOf } from "./carrying.ts";
import type { CommitmentEvent } from "./gate.ts";
import type { Negotiation } from "./negotiation.ts";
import type { Current } from "./revision.ts";
import { everything } from "./scope.ts";
import { answerTo, pullBacksOf, standingOf } from "./standing.ts";
import type { Terms } from "./terms.ts";

export type Outcome = { readonly negotiation: Negotiation; readonly current: Current | null };

export function effectOf(fact: Fact, event: CommitmentEvent, book: Book, outcome: Outcome): Verdict {
  return isCrossed(fact, event, book, outcome) ? crossed : effective;
}

function isCrossed(
  fact: Fact,
  event: CommitmentEvent,
  book: Book,
  { negotiation, current }: Outcome,
): boolean {
  const under = book.under.get(fact.ref);
  if (under !== undefined && under !== negotiation.bound?.pinned) return true;
  const inForce = (pinned: PinnedRef) => current?.chain.some((terms) => terms.pinned === pinned) === true;
  const heeded = (pinned: PinnedRef) => negotiation.standings.get(pinned) === "closed";
  switch (event.type) {
    case "commitment.requested":
      return negotiation.standings.get(book.creation.terms.pinned) === "crossed" && waitsForHelper(book);
    case "commitment.countered":
      return isSigned(event.x.base, book) && !heeded(event.x.base);
    case "commitment.accepted": {
      const terms = book.signatures.find((one) => one.since.ref === fact.ref)?.terms ?? event.x.terms;
      return isSigned(terms, book) && negotiation.bound?.pinned !== terms;
    }
    case "commitment.declined":
    case "commitment.retracted":
      return isSigned(event.x.terms, book) && !heeded(event.x.terms);
    case "commitment.revision-accepted":
      return isSigned(event.x.terms, book) && !inForce(event.x.terms);
    case "commitment.revision-declined":
    case "commitment.revision-retracted": {
      const revision = find(event.x.terms, book);
      return (
        revision !== undefined &&
        isSigned(event.x.terms, book) &&
        standingOf(revision, book, everything) !== "closed"
      );
    }
    case "commitment.carried":
      return completionOf(event, book.cut)?.effect === "crossed";
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

/** Whether the offer of help it came from was retracted, and the helper has not said what it stands by. */
function waitsForHelper(book: Book): boolean {
  const { terms } = book.creation;
  return pullBacksOf(terms, book, everything).some(
    (one) => one.how === "help-retracted" && answerTo(one, terms, book, everything) === null,
  );
}

const find = (pinned: PinnedRef, book: Book): Terms | undefined =>
  [...book.stated, ...book.revisions].find((one) => one.terms.pinned === pinned)?.terms;

const isSigned = (pinned: PinnedRef, book: Book): boolean => {
  const terms = find(pinned, book);
  return terms !== undefined && isFullySigned(book, everything, terms);
};
