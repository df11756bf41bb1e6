/**
 * Terms: what an entry states for others to sign (fold.md section 6). The same questions are asked of terms that open
 * a commitment and of revisions. Each can be asked of everything, or of what one entry's past knows.
 */
import type { Entry } from "../held.ts";
import { isPartnerId } from "../multikey.ts";
import { type Acts, knowsAny, type Reader } from "./acts.ts";
import type { Book } from "./book.ts";

/**
 * Who signed. `entry` is what a past must hold to know of it; `act` the signer's own entry. They differ where an offer
 * of help is the signature.
 */
type Signature = { readonly by: string; readonly entry: Entry; readonly act: Entry };

/** A `reaffirmed` of one of several terms that bound at once, and which these were to its author. */
export type Choice = { readonly by: string; readonly entry: Entry; readonly among: ReadonlySet<Terms> };

/** Terms, each the first revision that was ever fully signed on the one before it. */
type Line = {
  readonly terms: Terms[];
  /** Ascending places of terms after which another revision, or a pull-back, may lead elsewhere. */
  readonly breaks: number[];
};

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
  /** Valid declines, retractions and counters; `refusals` without the counters. */
  readonly closers: Acts;
  readonly refusals: Acts;
  /** Valid `reaffirmed` and `let-go`; `lettingGo` those of authors to whom these were one of several that bound. */
  readonly answers: Acts;
  readonly lettingGo: Acts;
  readonly choices: Choice[];
  /** Revisions on these terms that were ever fully signed, in fold order of the last signature. */
  readonly followers: Terms[];
  line: Line;
  place: number;
};

/** The terms that `entry` states in its `x`, signed by who states them. */
export function readTerms(entry: Entry, base: Terms | undefined): Terms {
  const { debtor, due } = entry.x as { debtor: string; due: string };
  const beneficiaries = entry.x["beneficiaries"] as string[];
  const partners = beneficiaries.filter(isPartnerId);
  const isPledge = entry.type === "commitment.pledged";
  return startLine({
    ...openTerms(entry),
    isRevision: false,
    isPledge,
    debtor,
    beneficiaries,
    partners,
    confirmers: (entry.x["confirmers"] as string[] | undefined) ?? partners,
    due,
    signers: isPledge ? [debtor] : [...new Set([debtor, ...partners])],
    base,
  });
}

/** `base` with the day that `entry` proposes. */
export function reviseTerms(entry: Entry, base: Terms): Terms {
  const signers = base.isPledge ? [entry.by] : base.signers;
  const due = entry.x["due"] as string;
  return startLine({ ...base, ...openTerms(entry), isRevision: true, due, signers, base });
}

function openTerms(entry: Entry) {
  const { by } = entry;
  return {
    entry,
    statedBy: by,
    signatures: [{ by, entry, act: entry }],
    closers: [],
    refusals: [],
    answers: [],
    lettingGo: [],
    choices: [],
    followers: [],
    line: { terms: [], breaks: [] } as Line,
    place: 0,
  };
}

function startLine(terms: Terms): Terms {
  terms.line.terms.push(terms);
  return terms;
}

/** Whether two lists name the same partners, in whatever order. */
export function areSame(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [new Set(one), new Set(other)];
  return a.size === b.size && a.isSubsetOf(b);
}

/** Whether `entry` knows `earlier`; with no entry to ask, everything is known that is not set aside. */
export function isKnown(book: Book, earlier: Entry, entry: Reader): boolean {
  return book.knows(entry, earlier);
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
  return knowsAny(book, closers, entry);
}
