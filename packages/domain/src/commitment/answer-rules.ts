/** Who may say that crossed terms stand, or let them go: whoever pulled back, or, where several bind at once, a party. */
import type { EventOf } from "@handfast/protocol/events";
import type { PinnedRef } from "@handfast/protocol/ids";
import type { Fact } from "../fact.ts";
import { type Book, revisionIn, statedIn } from "./book.ts";
import { negotiationIn } from "./negotiation.ts";
import { currentIn } from "./revision.ts";
import { pastOf } from "./scope.ts";
import { answerTo, pinsOf, pullBacksOf, standingOf } from "./standing.ts";
import type { Terms } from "./terms.ts";

type Answering = EventOf<"commitment.reaffirmed" | "commitment.let-go">;

/** Whether the answer counts, and among which rivals it chose; `null` where nothing crossed that is the author's. */
export function judgeAnswer(
  fact: Fact,
  { type, x }: Answering,
  book: Book,
): { readonly among: readonly PinnedRef[] } | null {
  const past = pastOf(fact);
  const terms = (statedIn(book, past, x.terms) ?? revisionIn(book, past, x.terms))?.terms;
  if (terms === undefined) return null;

  const rivals = rivalsOf(terms, fact, book);
  const mine = book.answers.filter((one) => one.terms === x.terms && one.by === fact.by && past(one.fact));
  const repeats =
    type === "commitment.reaffirmed" && mine.some((one) => rivals.every((pin) => one.among.includes(pin)));
  if (rivals.includes(x.terms) && !repeats) return { among: rivals };

  const pulledBack = pullBacksOf(terms, book, past).some(
    (one) => one.by === fact.by && answerTo(one, terms, book, past) === null,
  );
  const wakes = terms.by === fact.by && standingOf(terms, book, past) === "dormant";
  return pulledBack || wakes ? { among: [] } : null;
}

/** The terms that bound at once as the author saw it, if it has a say in them. */
function rivalsOf(terms: Terms, fact: Fact, book: Book): readonly PinnedRef[] {
  if (!terms.signers.includes(fact.by)) return [];
  const negotiation = negotiationIn(book, pastOf(fact));
  if (terms.kind !== "revision") return pinsOf(negotiation.rivals);
  return negotiation.bound === null ? [] : pinsOf(currentIn(book, pastOf(fact), negotiation.bound).rivals);
}
