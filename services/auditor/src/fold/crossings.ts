/**
 * What valid entries of a commitment come to in the light of everything (fold.md section 6.3): an entry never loses its
 * effect, but it is crossed while what it says is not what binds.
 */
import type { Entry } from "../held.ts";
import type { Book } from "./book.ts";
import type { Standing } from "./standing.ts";
import { isFull, type Terms } from "./terms.ts";

/** A valid entry. Of acts: the terms that bound in its past, and the `carried` that made its author the debtor. */
export type Counted = {
  readonly entry: Entry;
  readonly under: Terms | undefined;
  readonly carried: Entry | undefined;
};

/** Marks those of `counted` that are crossed. */
export function crossEntries(book: Book, standing: Standing, counted: readonly Counted[]): void {
  const { bound } = standing.binding(undefined);
  const outcomes = standing.outcomes();
  const chain = bound === undefined ? undefined : standing.chain(bound);

  function isCrossed({ entry, under, carried }: Counted): boolean {
    if (under !== undefined && under !== bound) return true;
    if (isHandoffCrossed(carried)) return true;
    switch (entry.type) {
      case "commitment.requested":
        return isAwaitingHelper();
      case "commitment.carried":
        return isHandoffCrossed(entry);
      case "commitment.countered":
        return isUnheeded(standing.find(book.named(entry, "base"), undefined));
      case "commitment.accepted": {
        const terms = standing.signedBy(entry);
        return isWhole(terms) && terms !== bound;
      }
      case "commitment.revision-accepted": {
        const revision = standing.find(book.named(entry, "terms"), undefined);
        return isWhole(revision) && chain?.has(revision as Terms) !== true;
      }
      case "commitment.declined":
      case "commitment.retracted":
      case "commitment.revision-declined":
      case "commitment.revision-retracted":
        return isUnheeded(standing.find(book.named(entry, "terms"), undefined));
      default:
        return false;
    }
  }

  /** Whether the handoff that a `carried` goes along with did not come about. */
  function isHandoffCrossed(carried: Entry | undefined): boolean {
    const completed = carried && book.named(carried, "completed");
    return completed !== undefined && book.verdicts[completed.index] === "crossed";
  }

  function isWhole(terms: Terms | undefined): boolean {
    return terms !== undefined && isFull(book, terms);
  }

  /** Signed by all, and not closed by what pulled it back. */
  function isUnheeded(terms: Terms | undefined): boolean {
    if (terms === undefined || !isWhole(terms)) return false;
    return (terms.isRevision ? standing.outcome(terms, undefined) : outcomes.get(terms)) !== "closed";
  }

  /** The help it came from was taken back, and the helper has not said what it stands by. */
  function isAwaitingHelper(): boolean {
    const request = standing.stated[0] as Terms;
    return (
      outcomes.get(request) === "crossed" &&
      standing.helpRetractions.some(
        (pullBack) => standing.answerTo(pullBack, request, undefined) === undefined,
      )
    );
  }

  for (const one of counted) if (isCrossed(one)) book.verdicts[one.entry.index] = "crossed";
}
