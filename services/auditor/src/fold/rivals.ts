/** Terms that bind at once, so that none does until those who saw them all agree (fold.md sections 6.1 and 6.2). */
import type { Reader } from "./acts.ts";
import type { Book } from "./book.ts";
import { type Choice, isKnown, type Terms } from "./terms.ts";

/** The one of several terms that bind at once by which those who saw them all stand, if they agree. */
export function settleRivals(
  book: Book,
  rivals: readonly Terms[],
  entry: Reader,
  isAgreed: (terms: Terms, reaffirmed: readonly Choice[]) => boolean,
): Terms | undefined {
  const isWhole = new Map<ReadonlySet<Terms>, boolean>();
  function sawAll({ among }: Choice): boolean {
    const known = isWhole.get(among) ?? rivals.every((terms) => among.has(terms));
    isWhole.set(among, known);
    return known;
  }
  const agreed = rivals.filter((terms) => {
    const reaffirmed = terms.choices.filter((choice) => isKnown(book, choice.entry, entry) && sawAll(choice));
    return isAgreed(terms, reaffirmed);
  });
  return agreed.length === 1 ? agreed[0] : undefined;
}
