/**
 * Which terms hold now (fold.md section 6.2): they begin at those that bound, and go on over each revision that is the
 * only binding one on its base. On a pledge the debtor's word is enough.
 */
import type { Entry } from "../held.ts";
import type { Book } from "./book.ts";
import { answerTo, hasSigned, isClosed, isFull, isKnown, type Terms } from "./terms.ts";

export type Revisions = {
  /** The current terms, as far as `entry` knows. */
  current(entry?: Entry): Terms;
  /** The terms that `entry` states, when they are of this chain. */
  find(entry: Entry | undefined): Terms | undefined;
  /** `isLate`: these terms can no longer be revised. */
  propose(entry: Entry, isLate: boolean): string;
  /** The verdict on an answer to a revision: accepted, declined, retracted. */
  answer(entry: Entry): string;
  /** The verdict on `reaffirmed` and `let-go` of a revision; undefined: of none. */
  reaffirm(entry: Entry): string | undefined;
};

/** The revisions of a commitment bound by `bound`. */
export function openRevisions(book: Book, bound: Terms, isPledge: boolean): Revisions {
  const { named, has } = book;
  const byEntry = new Map<Entry, Terms>([[bound.entry, bound]]);
  const byBase = new Map<Terms, Terms[]>();
  const chain: Terms[] = [];

  function isBinding(revision: Terms, entry?: Entry): boolean {
    if (!isFull(book, revision, entry)) return false;
    return revision.closers.every(
      (closer) =>
        !isKnown(book, closer, entry) ||
        answerTo(book, closer, revision.answers, entry)?.kind === "reaffirmed",
    );
  }

  /** Two on one base: the one that every signer reaffirmed, knowing both. */
  function settled(rivals: readonly Terms[], entry?: Entry): Terms | undefined {
    const votes = rivals.flatMap((rival) =>
      rival.answers
        .filter(({ kind, entry: said }) => kind === "reaffirmed" && isKnown(book, said, entry))
        .filter(({ entry: said }) => rivals.every((other) => isFull(book, other, said)))
        .map(({ by }) => ({ by, rival })),
    );
    const [first] = votes;
    const isOne = votes.every(({ rival }) => rival === first?.rival);
    return isOne && bound.signers.every((signer) => votes.some(({ by }) => by === signer))
      ? first?.rival
      : undefined;
  }

  function current(entry?: Entry): Terms {
    // A pledge's revisions stand in one line, each on the one before; the last known is the current one.
    if (isPledge) return chain.findLast((revision) => isKnown(book, revision.entry, entry)) ?? bound;
    let terms = bound;
    for (;;) {
      const rivals = (byBase.get(terms) ?? []).filter((revision) => isBinding(revision, entry));
      const next = rivals.length > 1 ? settled(rivals, entry) : rivals[0];
      if (next === undefined) return terms;
      terms = next;
    }
  }

  function propose(entry: Entry, isLate: boolean): string {
    const base = byEntry.get(named(entry, "base") as Entry);
    if (base === undefined || base !== current(entry)) return "stale-base";
    if (isLate) return "wrong-state";
    const revision: Terms = {
      ...bound,
      entry,
      statedBy: entry.by,
      due: entry.x["due"] as string,
      signers: isPledge ? [entry.by] : bound.signers,
      base,
      signatures: [{ by: entry.by, entry, act: entry }],
      closers: [],
      answers: [],
    };
    chain.push(revision);
    byEntry.set(entry, revision);
    byBase.set(base, [...(byBase.get(base) ?? []), revision]);
    return "effective";
  }

  function answer(entry: Entry): string {
    const revision = byEntry.get(named(entry, "terms") as Entry);
    if (revision === undefined || revision === bound || !revision.signers.includes(entry.by))
      return "not-a-party";
    const isOwn = revision.statedBy === entry.by;
    const isRetracting = entry.type === "commitment.revision-retracted";
    if (isRetracting && !isOwn) return "not-a-party";
    if (entry.type === "commitment.revision-declined" && isOwn) return "not-a-party";
    if (!isRetracting && hasSigned(book, revision, entry.by, entry)) return "already-signed";
    if (isClosed(book, revision, entry)) return "terms-closed";
    if (entry.type === "commitment.revision-accepted") {
      revision.signatures.push({ by: entry.by, entry, act: entry });
      return "effective";
    }
    if (isFull(book, revision, entry)) return "already-bound";
    revision.closers.push(entry);
    return "effective";
  }

  function reaffirm(entry: Entry): string | undefined {
    const revision = byEntry.get(named(entry, "terms") as Entry);
    if (revision === undefined || revision === bound) return undefined;
    const kind = entry.type === "commitment.let-go" ? "let-go" : "reaffirmed";
    const isOwnPullBack = revision.closers.some((closer) => closer.by === entry.by && has(closer, entry));
    const rivals = (byBase.get(revision.base as Terms) ?? []).filter((rival) => isFull(book, rival, entry));
    const isChoice =
      kind === "reaffirmed" &&
      rivals.length > 1 &&
      rivals.includes(revision) &&
      revision.signers.includes(entry.by);
    if (!isOwnPullBack && !isChoice) return "not-crossed";
    revision.answers.push({ by: entry.by, entry, kind });
    return "effective";
  }

  return {
    current,
    find: (entry) => (entry === undefined ? undefined : byEntry.get(entry)),
    propose,
    answer,
    reaffirm,
  };
}
