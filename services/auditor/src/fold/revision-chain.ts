/**
 * From terms that bind over their revisions to the current ones (fold.md section 6.2). Where one revision follows on
 * another and none was pulled back, a reader that knows a revision knows those before it, so the last known is found by
 * halving; only at breaks each reader's own view decides.
 */
import { firstPlace, type Reader } from "./acts.ts";
import type { Book } from "./book.ts";
import { settleRivals } from "./rivals.ts";
import { isFull, isKnown, type Terms } from "./terms.ts";

/** The revision that holds now, and those that bind beside each other on it. */
export type Current = { readonly terms: Terms; readonly rivals: readonly Terms[] };

/** Walks from `bound` as far as the reader knows. `isBound`: whether a revision binds by itself to that reader. */
export function currentFrom(
  book: Book,
  bound: Terms,
  reader: Reader,
  isBound: (revision: Terms) => boolean,
): Current {
  for (let start = bound; ; ) {
    const { terms, isAtBreak } = followLine(book, start, reader);
    if (!isAtBreak) return { terms, rivals: [] };
    const following = terms.followers.filter(
      (revision) => isKnown(book, revision.entry, reader) && isBound(revision),
    );
    const chosen = following.length < 2 ? following[0] : agreedAmong(book, following, reader);
    if (chosen === undefined) return { terms, rivals: following };
    start = chosen;
  }
}

/** The last terms before the next break of the line, or at it, that the reader knows fully signed. */
function followLine(
  book: Book,
  { line: { terms, breaks }, place }: Terms,
  reader: Reader,
): { readonly terms: Terms; readonly isAtBreak: boolean } {
  const next = breaks[firstPlace(breaks, (at) => at >= place)];
  const end = next ?? terms.length - 1;
  const isFullAt = (at: number) => at === place || isFull(book, terms[at] as Terms, reader);
  if (isFullAt(end)) return { terms: terms[end] as Terms, isAtBreak: end === next };
  let low = place;
  let high = end;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (isFullAt(middle)) low = middle;
    else high = middle;
  }
  return { terms: terms[low] as Terms, isAtBreak: false };
}

/** Of revisions beside each other one stands when all its signers, having seen all, stand by it. */
function agreedAmong(book: Book, following: readonly Terms[], reader: Reader): Terms | undefined {
  return settleRivals(book, following, reader, ({ signers }, reaffirmed) =>
    signers.every((signer) => reaffirmed.some(({ by }) => by === signer)),
  );
}

/** Everything on the way from `bound` to the current terms, both included, seen from everything. */
export function chainFrom(
  book: Book,
  bound: Terms,
  isBound: (revision: Terms) => boolean,
): ReadonlySet<Terms> {
  const { terms: current } = currentFrom(book, bound, undefined, isBound);
  const chain = new Set<Terms>([bound]);
  for (let terms: Terms | undefined = current; terms !== undefined && terms !== bound; terms = terms.base) {
    chain.add(terms);
  }
  return chain;
}
