/** The machine of a commitment (fold.md section 6): its negotiation, which terms bind, and its course under them. */
import type { Entry } from "../held.ts";
import { type Book, isValid } from "./book.ts";
import { type Bond, type Course, foldCourse } from "./course.ts";
import { type Negotiation, openNegotiation } from "./negotiation.ts";
import { enter, type Membership } from "./network.ts";
import { type Answer, answerTo, isFull, type Terms } from "./terms.ts";

export type Commitment = {
  readonly state: string;
  readonly debtor: string;
  readonly beneficiaries: readonly string[];
  readonly due: string;
};

const negotiated: ReadonlySet<string> = new Set(
  ["requested", "offered", "pledged", "countered", "accepted", "declined", "retracted"].map(
    (verb) => `commitment.${verb}`,
  ),
);
/** What a debtor that left the network may still do, so that it can finish what it had open. */
const finishing: ReadonlySet<string> = new Set(
  ["progressed", "claimed", "withdrawn"].map((verb) => `commitment.${verb}`),
);
/** Acts that presume the bond. */
const presuming: ReadonlySet<string> = new Set(["commitment.claimed", "commitment.confirmed"]);

/** Folds the commitment that `entries[0]` created; undefined when it has no effect. */
export function foldCommitment(
  book: Book,
  membership: Membership,
  entries: readonly Entry[],
): Commitment | undefined {
  const { verdicts } = book;
  const created = entries[0] as Entry;
  const negotiation = openNegotiation(book, membership, created);
  const answers: Entry[] = [];
  const course: Entry[] = [];

  for (const entry of entries) {
    if (!enterCommitment(book, membership, created, entry)) continue;
    if (negotiated.has(entry.type)) verdicts[entry.index] = negotiation.judge(entry);
    else if (entry.type === "commitment.reaffirmed" || entry.type === "commitment.let-go")
      answers.push(entry);
    else course.push(entry);
  }
  if (!isValid(verdicts[created.index])) return undefined;

  for (const entry of answers) {
    const verdict = negotiation.judgeAnswer(entry);
    if (verdict === undefined) insert(book, course, entry);
    else verdicts[entry.index] = verdict;
  }
  const run = bind(book, negotiation, course);
  for (const entry of course) {
    const isAnswer = answers.includes(entry);
    verdicts[entry.index] = run?.verdicts.get(entry) ?? (isAnswer ? "not-crossed" : "not-active");
  }
  return run ?? describeUnbound(negotiation);
}

/** As `enter`, but a former member may finish what stood open when it left. */
function enterCommitment(book: Book, membership: Membership, created: Entry, entry: Entry): boolean {
  const isFinishing = finishing.has(entry.type) && isValid(book.verdicts[created.index]);
  if (!isFinishing || membership.isActive(entry.by, entry)) return enter(book, membership, entry);
  if (book.verdicts[entry.index] !== undefined) return false;
  const left = membership.leaves(entry.by).findLast((act) => book.has(act, entry));
  if (left !== undefined && book.has(created, left)) return true;
  book.verdicts[entry.index] = "not-a-member";
  return false;
}

/** Puts an entry back among others, in order of visiting. */
function insert(book: Book, course: Entry[], entry: Entry): void {
  const all = book.subjects.get(entry.subject) ?? [];
  const place = all.indexOf(entry);
  const next = course.findIndex((other) => all.indexOf(other) > place);
  course.splice(next < 0 ? course.length : next, 0, entry);
}

/** The course under the terms that bind, or undefined when none do. */
function bind(book: Book, negotiation: Negotiation, course: readonly Entry[]): Course | undefined {
  const bound: { terms: Terms; run: () => Course }[] = [];
  const others = (terms: Terms) => bound.map((one) => one.terms).filter((other) => other !== terms);
  for (const terms of negotiation.terms) {
    const outcome = negotiation.outcome(terms);
    const run = () => foldCourse(book, createBond(book, negotiation, terms, others(terms)), course);
    if (outcome === "bound") bound.push({ terms, run });
    // An act that presumes the bond reaffirms it; whether one is such an act shows only once it is tried.
    if (
      outcome === "crossed" &&
      isFull(book, terms) &&
      negotiation.outcome(terms, run().implied) === "bound"
    ) {
      bound.push({ terms, run });
    }
  }
  if (bound.length === 1) return bound[0]?.run();
  const chosen = new Set(
    bound.flatMap(({ terms }) => (choices(book, terms, others(terms)).length > 0 ? [terms] : [])),
  );
  return chosen.size === 1 ? bound.find(({ terms }) => chosen.has(terms))?.run() : undefined;
}

/** Reaffirmations of `terms` by who knew that others were fully signed as well. */
function choices(book: Book, terms: Terms, others: readonly Terms[]): readonly Answer[] {
  return terms.answers.filter(
    ({ by, entry, kind }) =>
      kind === "reaffirmed" &&
      terms.signers.includes(by) &&
      [terms, ...others].every((one) => isFull(book, one, entry)),
  );
}

/** An act counts when it knows all signatures, and for every pull-back and rival it knows, what settled it. */
function createBond(book: Book, negotiation: Negotiation, terms: Terms, rivals: readonly Terms[]): Bond {
  const pullBacks = negotiation.pullBacks(terms);
  return {
    terms,
    presume(entry, implied) {
      if (!isFull(book, terms, entry)) return undefined;
      const knownRivals = rivals.filter((rival) => isFull(book, rival, entry));
      const isChosen = choices(book, terms, knownRivals).some((answer) => book.has(answer.entry, entry));
      if (knownRivals.length > 0 && !isChosen) return undefined;
      const answers = [...terms.answers, ...implied];
      const open = pullBacks.filter(
        (pullBack) =>
          book.has(pullBack, entry) && answerTo(book, pullBack, answers, entry)?.kind !== "reaffirmed",
      );
      if (open.length === 0) return [];
      const isOwn = open.every((pullBack) => pullBack.by === entry.by);
      return isOwn && presuming.has(entry.type) ? [{ by: entry.by, entry, kind: "reaffirmed" }] : undefined;
    },
  };
}

function describeUnbound(negotiation: Negotiation): Commitment {
  const outcomes = negotiation.terms.map((terms) => negotiation.outcome(terms));
  const first = negotiation.terms[0] as Terms;
  const open = negotiation.terms.findLast((_terms, place) => outcomes[place] === "open");
  const { debtor, beneficiaries, due } = open ?? first;
  return { state: unboundState(negotiation, outcomes, open), debtor, beneficiaries, due };
}

function unboundState(
  negotiation: Negotiation,
  outcomes: readonly string[],
  open: Terms | undefined,
): string {
  if (outcomes.includes("crossed") || outcomes.includes("bound")) return "crossed";
  if (open !== undefined) return open.statedBy === open.debtor ? "offered" : "requested";
  return negotiation.isDeclined ? "declined" : "retracted";
}
