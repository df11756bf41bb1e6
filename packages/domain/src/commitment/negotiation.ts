/**
 * A negotiation: all terms of one commitment beside each other, and which of them bind. Other terms never replace those
 * somebody signed; they stand beside them until one binds, and two that bind cross.
 */
import type { PinnedRef } from "@handfast/protocol/ids";
import type { Fact } from "../fact.ts";
import type { Book } from "./book.ts";
import { everything, type Scope } from "./scope.ts";
import { type Standing, settle, standingOf } from "./standing.ts";
import type { Terms } from "./terms.ts";

export type Negotiation = {
  /** The one that binds. */
  readonly bound: Terms | null;
  /** Several that bind at once, so that none does. */
  readonly rivals: readonly Terms[];
  readonly standings: ReadonlyMap<PinnedRef, Standing>;
};

export type UnboundState = "requested" | "offered" | "declined" | "retracted" | "crossed";

/** How things stand for whoever sees what is in scope. */
export function negotiationIn(book: Book, scope: Scope, presuming?: Fact): Negotiation {
  const stated = book.stated.filter((one) => scope(one.fact)).map((one) => one.terms);
  const standings = new Map(
    stated.map((terms) => [terms.pinned, standingOf(terms, book, scope, presuming)] as const),
  );
  const binding = stated.filter((terms) => standings.get(terms.pinned) === "bound");
  if (binding.length < 2) return { bound: binding[0] ?? null, rivals: [], standings };

  const { chosen, crossed } = settle(binding, book, scope, (terms, reaffirmed) =>
    reaffirmed.some((answer) => answer.terms === terms.pinned),
  );
  for (const terms of binding) {
    if (terms !== chosen) standings.set(terms.pinned, crossed.includes(terms) ? "crossed" : "closed");
  }
  return { bound: chosen, rivals: crossed, standings };
}

/** The state of a commitment whose terms do not bind (yet). */
export function unboundState(negotiation: Negotiation, book: Book): UnboundState {
  const { standings } = negotiation;
  if ([...standings.values()].includes("crossed")) return "crossed";
  const open = book.stated.filter((one) => standings.get(one.terms.pinned) === "open").at(-1);
  if (open !== undefined) return open.terms.by === open.terms.debtor ? "offered" : "requested";
  return book.pullBacks.some((one) => one.how === "declined") ? "declined" : "retracted";
}

export const wholeNegotiation = (book: Book): Negotiation => negotiationIn(book, everything);
