/** Revisions (fold.md section 6.2): another day for terms that bind. On a pledge the debtor's word is enough. */
import type { Entry } from "../held.ts";
import type { Book } from "./book.ts";
import { judgePullBack } from "./negotiation.ts";
import type { Standing } from "./standing.ts";
import { hasSigned, isClosed, reviseTerms, type Terms } from "./terms.ts";

/** The judge of proposals and answers; `bound` binds in the entry's past. */
export function judgeRevision(book: Book, standing: Standing, bound: Terms, entry: Entry): string {
  const named = standing.find(book.named(entry, "terms"), entry);
  const revision = named?.isRevision ? named : undefined;
  if (entry.type !== "commitment.revision-accepted") return judgePullBack(book, standing, entry, revision);
  if (revision?.signers.includes(entry.by) !== true) return "not-a-party";
  if (hasSigned(book, revision, entry.by, entry)) return "already-signed";
  if (isClosed(book, revision, entry)) return "terms-closed";
  // Nobody crosses a revision that binds by signing another one of the same base.
  if (revision.base !== standing.current(bound, entry).terms) return "stale-base";
  standing.sign(revision, entry.by, entry, entry);
  return "effective";
}

/** A proposal by one who may make it. */
export function propose(book: Book, standing: Standing, bound: Terms, entry: Entry, isLate: boolean): string {
  const { terms } = standing.current(bound, entry);
  if (terms.entry !== book.named(entry, "base")) return "stale-base";
  if (isLate) return "wrong-state";
  standing.state(reviseTerms(entry, terms));
  return "effective";
}
