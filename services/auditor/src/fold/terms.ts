/**
 * Terms: what an entry states for others to sign (fold.md section 6). The same questions are asked of terms that open
 * a commitment and of revisions. Each can be asked of everything, or of what one entry's past knows.
 */
import type { Entry } from "../held.ts";
import { isPartnerId } from "../multikey.ts";
import type { Book } from "./book.ts";

/** What a party said about terms that crossed. `among`: where several bound at once as it saw it, all of these. */
export type Answer = {
  readonly by: string;
  readonly entry: Entry;
  readonly kind: "reaffirmed" | "let-go";
  readonly among: readonly Terms[];
};

/**
 * Who signed. `entry` is what a past must hold to know of it; `act` the signer's own entry. They differ where an offer
 * of help is the signature.
 */
type Signature = { readonly by: string; readonly entry: Entry; readonly act: Entry };

export type Terms = {
  readonly entry: Entry;
  readonly isRevision: boolean;
  readonly isPledge: boolean;
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
  readonly signatures: Signature[];
  /** Valid declines, retractions and counters. */
  readonly closers: Entry[];
  readonly answers: Answer[];
};

/** The terms that `entry` states in its `x`, signed by who states them. */
export function readTerms(entry: Entry, base: Terms | undefined): Terms {
  const { debtor, due } = entry.x as { debtor: string; due: string };
  const beneficiaries = entry.x["beneficiaries"] as string[];
  const partners = beneficiaries.filter(isPartnerId);
  const isPledge = entry.type === "commitment.pledged";
  return {
    ...stated(entry),
    isRevision: false,
    isPledge,
    debtor,
    beneficiaries,
    partners,
    confirmers: (entry.x["confirmers"] as string[] | undefined) ?? partners,
    due,
    signers: isPledge ? [debtor] : [...new Set([debtor, ...partners])],
    base,
  };
}

/** `base` with the day that `entry` proposes. */
export function reviseTerms(entry: Entry, base: Terms): Terms {
  const signers = base.isPledge ? [entry.by] : base.signers;
  return { ...base, ...stated(entry), isRevision: true, due: entry.x["due"] as string, signers, base };
}

function stated(entry: Entry): Pick<Terms, "entry" | "statedBy" | "signatures" | "closers" | "answers"> {
  const { by } = entry;
  return { entry, statedBy: by, signatures: [{ by, entry, act: entry }], closers: [], answers: [] };
}

/** Whether two lists name the same partners, in whatever order. */
export function areSame(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [new Set(one), new Set(other)];
  return a.size === b.size && a.isSubsetOf(b);
}

/** Whether `entry` knows `earlier`; with no entry to ask, everything is known. */
export function isKnown(book: Book, earlier: Entry, entry: Entry | undefined): boolean {
  return entry === undefined || book.has(earlier, entry);
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
