/**
 * Terms: what an entry states for others to sign (fold.md section 6). The same questions are asked of terms that open
 * a commitment and of revisions: who signed, who pulled back, who answered for a pull-back. Each can be asked of
 * everything, or of what one entry's past knows.
 */
import type { Entry } from "../held.ts";
import { isPartnerId } from "../multikey.ts";
import type { Book } from "./book.ts";

export type Answer = { readonly by: string; readonly entry: Entry; readonly kind: "reaffirmed" | "let-go" };

export type Terms = {
  readonly entry: Entry;
  readonly statedBy: string;
  readonly debtor: string;
  readonly beneficiaries: readonly string[];
  /** The partners among the beneficiaries. */
  readonly partners: readonly string[];
  readonly confirmers: readonly string[];
  readonly due: string;
  /** Who must sign before the terms bind. */
  readonly signers: readonly string[];
  readonly base: Terms | undefined;
  /**
   * Who signed. `entry` is what a past must hold to know of it; `act` the signer's own entry. They differ where an
   * offer of help is the signature.
   */
  readonly signatures: { readonly by: string; readonly entry: Entry; readonly act: Entry }[];
  /** Valid declines, retractions and counters. */
  readonly closers: Entry[];
  readonly answers: Answer[];
};

/** The terms that `entry` states in its `x`. */
export function readTerms(entry: Entry, base: Terms | undefined): Terms {
  const { debtor, due } = entry.x as { debtor: string; due: string };
  const beneficiaries = [...new Set(entry.x["beneficiaries"] as string[])];
  const partners = beneficiaries.filter(isPartnerId);
  return {
    entry,
    statedBy: entry.by,
    debtor,
    beneficiaries,
    partners,
    confirmers: (entry.x["confirmers"] as string[] | undefined) ?? partners,
    due,
    signers: entry.type === "commitment.pledged" ? [debtor] : [...new Set([debtor, ...partners])],
    base,
    signatures: [{ by: entry.by, entry, act: entry }],
    closers: [],
    answers: [],
  };
}

/** Whether two lists name the same partners, in whatever order. */
export function areSame(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [new Set(one), new Set(other)];
  return a.size === b.size && a.isSubsetOf(b);
}

/** Whether `entry` knows `earlier`; with no entry to ask, everything is known. An entry knows itself. */
export function isKnown(book: Book, earlier: Entry, entry: Entry | undefined): boolean {
  return entry === undefined || earlier === entry || book.has(earlier, entry);
}

/** Whether `by` signed. */
export function hasSigned(book: Book, { signatures }: Terms, by: string, entry?: Entry): boolean {
  return signatures.some((signature) => signature.by === by && isKnown(book, signature.entry, entry));
}

/** Whether every required signer signed. */
export function isFull(book: Book, terms: Terms, entry?: Entry): boolean {
  return terms.signers.every((signer) => hasSigned(book, terms, signer, entry));
}

/** Whether a valid decline, retraction or counter of the terms is known. */
export function isClosed(book: Book, { closers }: Terms, entry?: Entry): boolean {
  return closers.some((closer) => isKnown(book, closer, entry));
}

/** What the one who pulled back said first afterwards: the first of reaffirming and letting go counts. */
export function answerTo(
  book: Book,
  pullBack: Entry,
  answers: readonly Answer[],
  entry?: Entry,
): Answer | undefined {
  const own = answers.filter((answer) => answer.by === pullBack.by && book.has(pullBack, answer.entry));
  return own.find(
    (answer) =>
      isKnown(book, answer.entry, entry) &&
      !own.some((other) => other !== answer && book.has(other.entry, answer.entry)),
  );
}
