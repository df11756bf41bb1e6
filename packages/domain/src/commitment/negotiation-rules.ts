/**
 * Which entries count while terms are being found: each judged by what its own past holds, so that the answer never
 * changes, whatever arrives later from elsewhere.
 */
import type { EventOf } from "@handfast/protocol/events";
import type { PartnerId } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import { plainRef } from "../citations.ts";
import type { Fact } from "../fact.ts";
import { type Book, hasSigned, isClosed, isFullySigned, type Stated, statedIn } from "./book.ts";
import { negotiationIn } from "./negotiation.ts";
import { pastOf, type Scope } from "./scope.ts";
import { offersThese } from "./signature-by-offer.ts";
import { answerTo, pullBacksOf } from "./standing.ts";
import { type CreatingEvent, isPartner, sameMembers, type Terms } from "./terms.ts";

export function judgeCreation(by: PartnerId, { type, x }: CreatingEvent): Reason | null {
  // No entry that came from elsewhere gets here like this, its schema says no; a draft of our own may.
  const isBetweenPartners = x.beneficiaries.every((one) => isPartner(one) && one !== x.debtor);
  if (type !== "commitment.pledged" && !isBetweenPartners) return "malformed";
  const mine = type === "commitment.requested" ? x.beneficiaries.includes(by) : by === x.debtor;
  return mine ? null : "not-a-party";
}

export function judgeCountered(
  fact: Fact,
  { x }: EventOf<"commitment.countered">,
  book: Book,
): Reason | null {
  const past = pastOf(fact);
  const base = statedIn(book, past, x.base)?.terms;
  if (base === undefined) return "not-a-party";
  if (base.by === fact.by) return "own-terms";
  if (!base.signers.includes(fact.by)) return "not-a-party";
  if (x.debtor !== base.debtor || !sameMembers(x.beneficiaries, base.beneficiaries)) return "parties-changed";
  if (isClosed(book, past, base.pinned)) return "terms-closed";
  // Otherwise a party could undo what it signed by stating other terms.
  return isFullySigned(book, past, base) || binds(book, past) ? "already-bound" : null;
}

export function judgeAccepted(fact: Fact, { x }: EventOf<"commitment.accepted">, book: Book): Reason | null {
  const past = pastOf(fact);
  const terms = statedIn(book, past, x.terms)?.terms;
  if (terms === undefined) {
    const offer = book.cut.fact(plainRef(x.terms));
    if (offer?.told.ok !== true || offer.told.event.type !== "help.offered") return "not-a-party";
    if (!offersThese(offer, fact.by, book)) return "terms-differ";
    const asked = book.creation.terms;
    if (hasSigned(book, past, asked.pinned, asked.debtor)) return "already-signed";
    return hindersSigning(asked, fact, book);
  }
  if (!terms.signers.includes(fact.by)) return "not-a-party";
  if (hasSigned(book, past, terms.pinned, fact.by) && !standsByHelp(terms, fact, book))
    return "already-signed";
  return hindersSigning(terms, fact, book);
}

function hindersSigning(terms: Terms, fact: Fact, book: Book): Reason | null {
  const past = pastOf(fact);
  if (isClosed(book, past, terms.pinned)) return "terms-closed";
  if (terms.signers.some((signer) => hasLeft(signer, fact, book))) return "party-left";
  // Terms beside those that bind: a party could cross them on purpose by signing these as well.
  return binds(book, past, terms) ? "already-bound" : null;
}

/** Whether terms bind already; where these have already been named, whether others do. */
function binds(book: Book, past: Scope, but?: Terms): boolean {
  const { bound } = negotiationIn(book, past);
  return bound !== null && bound.pinned !== but?.pinned;
}

/** Left and not come back, as far as the past tells. */
function hasLeft(partner: PartnerId, fact: Fact, book: Book): boolean {
  const { membership } = book.cut;
  return membership.departuresOf(partner).some(pastOf(fact)) && !membership.isActive(partner, fact.past);
}

/** Who signed by an offer of help and retracted it may sign the request itself, and so stand by it. */
const standsByHelp = (terms: Terms, fact: Fact, book: Book): boolean =>
  pullBacksOf(terms, book, pastOf(fact)).some(
    (one) =>
      one.how === "help-retracted" && one.by === fact.by && answerTo(one, terms, book, pastOf(fact)) === null,
  );

export function judgeDeclined(
  fact: Fact,
  { x }: EventOf<"commitment.declined" | "commitment.revision-declined">,
  book: Book,
  stated: Stated | undefined,
): Reason | null {
  const past = pastOf(fact);
  if (stated?.terms.signers.includes(fact.by) !== true) return "not-a-party";
  if (hasSigned(book, past, x.terms, fact.by)) return "already-signed";
  return hindersPullingBack(stated.terms, book, past);
}

export function judgeRetracted(
  fact: Fact,
  _event: EventOf<"commitment.retracted" | "commitment.revision-retracted">,
  book: Book,
  stated: Stated | undefined,
): Reason | null {
  if (stated?.terms.by !== fact.by) return "not-a-party";
  return hindersPullingBack(stated.terms, book, pastOf(fact));
}

function hindersPullingBack(terms: Terms, book: Book, past: Scope): Reason | null {
  if (isClosed(book, past, terms.pinned)) return "terms-closed";
  return isFullySigned(book, past, terms) ? "already-bound" : null;
}
