/**
 * What valid entries of a commitment come to in the light of everything (fold.md section 6.3): an entry never loses its
 * effect, but it is crossed while what it says is not what binds.
 */
import type { Entry } from "../held.ts";
import type { Book } from "./book.ts";
import type { Binding, Standing } from "./standing.ts";
import { isFull, type Terms } from "./terms.ts";

/** A valid entry; `under`: the terms that bound in its past, for acts. */
export type Counted = { readonly entry: Entry; readonly under: Terms | undefined };

/** Marks those of `counted` that are crossed. */
export function crossEntries(
  book: Book,
  standing: Standing,
  { bound, outcomes }: Binding,
  counted: readonly Counted[],
): void {
  const chain = bound === undefined ? [] : standing.current(bound).chain;

  function isCrossed({ entry, under }: Counted): boolean {
    if (under !== undefined && under !== bound) return true;
    switch (entry.type) {
      case "commitment.requested":
        return isAwaitingHelper();
      case "commitment.countered":
        return isUnheeded(standing.find(book.named(entry, "base")));
      case "commitment.accepted": {
        const terms = standing.stated.find(({ signatures }) => signatures.some((one) => one.entry === entry));
        return isWhole(terms) && terms !== bound;
      }
      case "commitment.revision-accepted": {
        const revision = standing.find(book.named(entry, "terms"));
        return isWhole(revision) && !chain.includes(revision as Terms);
      }
      case "commitment.declined":
      case "commitment.retracted":
      case "commitment.revision-declined":
      case "commitment.revision-retracted":
        return isUnheeded(standing.find(book.named(entry, "terms")));
      default:
        return false;
    }
  }

  function isWhole(terms: Terms | undefined): boolean {
    return terms !== undefined && isFull(book, terms);
  }

  /** Signed by all, and not closed by what pulled it back. */
  function isUnheeded(terms: Terms | undefined): boolean {
    return (
      terms !== undefined &&
      isWhole(terms) &&
      (terms.isRevision ? standing.outcome(terms) : outcomes.get(terms)) !== "closed"
    );
  }

  /** The help it came from was taken back, and the helper has not said what it stands by. */
  function isAwaitingHelper(): boolean {
    const request = standing.stated[0] as Terms;
    return (
      outcomes.get(request) === "crossed" &&
      standing.helpRetractions.some((pullBack) => standing.answerTo(pullBack, request) === undefined)
    );
  }

  for (const one of counted) if (isCrossed(one)) book.verdicts[one.entry.index] = "crossed";
}
