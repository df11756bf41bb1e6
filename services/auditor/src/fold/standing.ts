/**
 * How terms stand (fold.md sections 6.1 and 6.2): by themselves, among others that bind at once, and which revision is
 * current. Every question is asked of what one entry's past knows, or, without an entry, of everything inside the cut.
 */
import type { Entry } from "../held.ts";
import type { Book } from "./book.ts";
import { findHelpRetractions } from "./help-origin.ts";
import type { Membership } from "./network.ts";
import { type Answer, isFull, isKnown, type Terms } from "./terms.ts";

export type Outcome = "bound" | "crossed" | "closed" | "dormant" | "open";

/** What a negotiation comes to. */
export type Binding = {
  /** The one that binds. */
  readonly bound: Terms | undefined;
  /** Several that bind at once, so that none does. */
  readonly rivals: readonly Terms[];
  /** By the terms stated so far. */
  readonly outcomes: ReadonlyMap<Terms, Outcome>;
};

/** The revision that holds now, those it came through, and those that bind beside each other on it. */
export type Current = {
  readonly terms: Terms;
  readonly chain: readonly Terms[];
  readonly rivals: readonly Terms[];
};

export type Standing = {
  /** What creates the commitment and every counter, in order of visiting. */
  readonly stated: Terms[];
  readonly revisions: Terms[];
  /** Valid claims and confirmations, each of which says that its author takes the terms for bound. */
  readonly presumed: Entry[];
  /** Retractions of help that crossed the acceptance the request comes from. */
  readonly helpRetractions: readonly Entry[];
  find(entry: Entry | undefined): Terms | undefined;
  pullBacks(terms: Terms, entry?: Entry): readonly Entry[];
  /** What the one who pulled back said first afterwards. */
  answerTo(pullBack: Entry, terms: Terms, entry?: Entry, presuming?: Entry): Answer["kind"] | undefined;
  /** `presuming`: a claim or confirmation that is being judged, and may itself be the reaffirmation. */
  outcome(terms: Terms, entry?: Entry, presuming?: Entry): Outcome;
  binding(entry?: Entry, presuming?: Entry): Binding;
  current(bound: Terms, entry?: Entry): Current;
};

/** Nothing stated yet, in the commitment that `created` opens. */
export function openStanding(book: Book, membership: Membership, created: Entry): Standing {
  const { has, areConcurrent } = book;
  const stated: Terms[] = [];
  const revisions: Terms[] = [];
  const presumed: Entry[] = [];
  const helpRetractions = findHelpRetractions(book, created);

  function pullBacks(terms: Terms, entry?: Entry): Entry[] {
    const closers = terms.closers.filter((closer) => isKnown(book, closer, entry));
    if (terms.isRevision) return closers;
    const help = terms.entry === created ? helpRetractions : [];
    const leaves = terms.signers.flatMap((signer) =>
      membership
        .leaves(signer)
        .filter((left) =>
          terms.signatures.some(
            (other) =>
              other.by !== signer && isKnown(book, other.entry, entry) && areConcurrent(left, other.act),
          ),
        ),
    );
    return [...closers, ...[...help, ...leaves].filter((pullBack) => isKnown(book, pullBack, entry))];
  }

  function answerTo(
    pullBack: Entry,
    terms: Terms,
    entry?: Entry,
    presuming?: Entry,
  ): Answer["kind"] | undefined {
    const isHelp = helpRetractions.includes(pullBack);
    const implied = [
      ...(terms.isRevision ? [] : presumed).filter((act) => isKnown(book, act, entry)),
      ...(terms.isRevision || presuming === undefined ? [] : [presuming]),
    ].filter((act) => isFull(book, terms, act));
    const signed = (isHelp ? terms.signatures : [])
      .filter((signature) => isKnown(book, signature.entry, entry))
      .map(({ act }) => act);
    const all = [
      ...terms.answers.filter((answer) => isKnown(book, answer.entry, entry)),
      ...[...implied, ...signed].map((act) => ({ by: act.by, entry: act, kind: "reaffirmed" as const })),
    ];
    return all
      .filter((answer) => answer.by === pullBack.by && has(pullBack, answer.entry))
      .reduce<(typeof all)[number] | undefined>(
        (first, answer) =>
          first === undefined || book.isVisitedBefore(answer.entry, first.entry) ? answer : first,
        undefined,
      )?.kind;
  }

  /** A counter to terms that were declined or retracted without knowing of it stands once its author says so. */
  function untouched({ base, isRevision, answers, statedBy }: Terms, entry?: Entry): Outcome {
    const isOrphan = base?.closers.some(
      (closer) => closer.type !== "commitment.countered" && isKnown(book, closer, entry),
    );
    if (isRevision || isOrphan !== true) return "open";
    const said = answers.find((answer) => answer.by === statedBy && isKnown(book, answer.entry, entry));
    return said === undefined ? "dormant" : said.kind === "reaffirmed" ? "open" : "closed";
  }

  function outcome(terms: Terms, entry?: Entry, presuming?: Entry): Outcome {
    const pulled = pullBacks(terms, entry);
    const kinds = pulled.map((pullBack) => answerTo(pullBack, terms, entry, presuming));
    const settled = kinds.includes("let-go") ? "closed" : kinds.includes(undefined) ? "crossed" : "bound";
    if (isFull(book, terms, entry)) return settled;
    if (pulled.length === 0) return untouched(terms, entry);
    if (pulled.some((pullBack) => !helpRetractions.includes(pullBack))) return "closed";
    return settled === "bound" ? "open" : settled;
  }

  /** Which of several that bind at once stands, if those who saw them all agree. */
  function settle(
    rivals: readonly Terms[],
    entry: Entry | undefined,
    isAgreed: (terms: Terms, reaffirmed: readonly Answer[]) => boolean,
  ): { readonly chosen: Terms | undefined; readonly kept: readonly Terms[] } {
    const heard = (terms: Terms, kind: Answer["kind"]) =>
      terms.answers.filter(
        (answer) =>
          answer.kind === kind && isKnown(book, answer.entry, entry) && answer.among.includes(terms),
      );
    const kept = rivals.filter((terms) => heard(terms, "let-go").length === 0);
    if (kept.length < 2) return { chosen: kept[0], kept: [] };
    const isWhole = ({ among }: Answer) => kept.every((terms) => among.includes(terms));
    const agreed = kept.filter((terms) => isAgreed(terms, heard(terms, "reaffirmed").filter(isWhole)));
    return agreed.length === 1 ? { chosen: agreed[0], kept: [] } : { chosen: undefined, kept };
  }

  function binding(entry?: Entry, presuming?: Entry): Binding {
    const known = stated.filter((terms) => isKnown(book, terms.entry, entry));
    const outcomes = new Map(known.map((terms) => [terms, outcome(terms, entry, presuming)]));
    const bound = known.filter((terms) => outcomes.get(terms) === "bound");
    if (bound.length < 2) return { bound: bound[0], rivals: [], outcomes };
    const { chosen, kept } = settle(bound, entry, (_terms, reaffirmed) => reaffirmed.length > 0);
    for (const terms of bound) {
      if (terms !== chosen) outcomes.set(terms, kept.includes(terms) ? "crossed" : "closed");
    }
    return { bound: chosen, rivals: kept, outcomes };
  }

  function current(bound: Terms, entry?: Entry): Current {
    const chain = [bound];
    for (let terms = bound; ; ) {
      const next = revisions.filter(
        (revision) =>
          revision.base === terms &&
          isKnown(book, revision.entry, entry) &&
          outcome(revision, entry) === "bound",
      );
      const { chosen, kept } = settle(next, entry, ({ signers }, reaffirmed) =>
        signers.every((signer) => reaffirmed.some(({ by }) => by === signer)),
      );
      if (chosen === undefined) return { terms, chain, rivals: kept };
      chain.push(chosen);
      terms = chosen;
    }
  }

  return {
    stated,
    revisions,
    presumed,
    helpRetractions,
    find: (entry) => [...stated, ...revisions].find((terms) => terms.entry === entry),
    pullBacks,
    answerTo,
    outcome,
    binding,
    current,
  };
}
