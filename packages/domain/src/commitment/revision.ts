/**
 * Revisions: another day for terms that bind. Each names the terms it revises, so the current ones are found by going
 * from base to base; two that bind on one base cross, and the base stands.
 */
import type { EventOf } from "@handfast/protocol/events";
import type { PartnerId } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Fact } from "../fact.ts";
import { actsUnder, type Book, hasSigned, isClosed, type Stated } from "./book.ts";
import { pastOf, type Scope } from "./scope.ts";
import { settle, standingOf } from "./standing.ts";
import { isOfPledge, type Terms } from "./terms.ts";

export type Current = {
  readonly terms: Terms;
  /** From the terms that were bound first to the current ones. */
  readonly chain: readonly Terms[];
  /** Revisions of the current terms that bind at once, so that none does. */
  readonly rivals: readonly Terms[];
};

export function currentIn(book: Book, scope: Scope, bound: Terms): Current {
  const chain = [bound];
  for (let terms = bound; ; ) {
    const next = book.revisions
      .filter((one) => one.terms.base === terms.pinned && scope(one.fact))
      .map((one) => one.terms)
      .filter((revision) => standingOf(revision, book, scope) === "bound");
    const { chosen, crossed } = settle(next, book, scope, (revision, reaffirmed) =>
      revision.signers.every((signer) =>
        reaffirmed.some((answer) => answer.by === signer && answer.terms === revision.pinned),
      ),
    );
    if (chosen === null) return { terms, chain, rivals: crossed };
    chain.push(chosen);
    terms = chosen;
  }
}

/** The terms in force in an entry's past, and who owes them. */
export type InForce = { readonly bound: Terms; readonly current: Current; readonly debtor: PartnerId };

export function judgeRevisionProposed(
  fact: Fact,
  { x }: EventOf<"commitment.revision-proposed">,
  { bound, current, debtor }: InForce,
  book: Book,
): Reason | null {
  const pledge = isOfPledge(bound);
  if (pledge ? fact.by !== debtor : !bound.signers.includes(fact.by)) return "not-a-party";
  if (x.base !== current.terms.pinned) return "stale-base";
  // What is said to be kept is not moved to another day by its debtor alone.
  return pledge && actsUnder(book, pastOf(fact), bound, "commitment.claimed").length > 0
    ? "wrong-state"
    : null;
}

export function judgeRevisionAccepted(
  fact: Fact,
  { x }: EventOf<"commitment.revision-accepted">,
  { current }: InForce,
  book: Book,
  revision: Stated | undefined,
): Reason | null {
  const past = pastOf(fact);
  if (revision?.terms.signers.includes(fact.by) !== true) return "not-a-party";
  if (hasSigned(book, past, x.terms, fact.by)) return "already-signed";
  if (isClosed(book, past, x.terms)) return "terms-closed";
  // Otherwise a party could cross a revision that binds on purpose, by signing another one of the same base.
  return revision.terms.base === current.terms.pinned ? null : "stale-base";
}
