/**
 * How terms stand (fold.md sections 6.1 and 6.2): by themselves, among others that bind at once, and which revision is
 * current. Every question is asked of what one entry's past knows, or, without an entry, of everything inside the cut.
 */
import type { Entry } from "../held.ts";
import {
  type Acts,
  addAct,
  concurrentWith,
  countHeld,
  countKnownPart,
  firstKnown,
  knowsAny,
  type Reader,
} from "./acts.ts";
import type { Book } from "./book.ts";
import { findHelpRetractions } from "./help-origin.ts";
import type { Membership } from "./network.ts";
import { type Current, chainFrom, currentFrom } from "./revision-chain.ts";
import { settleRivals } from "./rivals.ts";
import type { Roll } from "./roll.ts";
import { isFull, isKnown, type Terms } from "./terms.ts";

export type Outcome = "bound" | "crossed" | "closed" | "dormant" | "open";
type AnswerKind = "reaffirmed" | "let-go";

/** What a negotiation comes to: the terms that bind, or the several that do at once, so that none does. */
type Binding = { readonly bound: Terms | undefined; readonly rivals: readonly Terms[] };

export type Standing = {
  /** What creates the commitment and every counter, in fold order. */
  readonly stated: readonly Terms[];
  /** Retractions of help that crossed the acceptance the request comes from. */
  readonly helpRetractions: readonly Entry[];
  /** Adds terms that an entry states, be it a revision. */
  state(terms: Terms): void;
  /** Adds a signature. `act` is the signer's own entry, `entry` what makes it known. */
  sign(terms: Terms, by: string, entry: Entry, act: Entry): void;
  /** Adds a valid decline, retraction or counter. */
  close(terms: Terms, entry: Entry): void;
  /** Adds a valid `reaffirmed` or `let-go`; `rivals`: the terms that bound at once to its author, if any. */
  answer(terms: Terms, entry: Entry, rivals: readonly Terms[]): void;
  /** Adds a valid claim or confirmation: it says that its author takes the terms for bound. */
  presume(entry: Entry): void;
  /** The terms that an entry states, where the reader sees it. */
  find(entry: Entry | undefined, reader: Reader): Terms | undefined;
  /** The terms that an `accepted` signed. */
  signedBy(entry: Entry): Terms | undefined;
  pullBacks(terms: Terms, entry: Reader): readonly Entry[];
  /** What the party of a pull-back said first afterwards. */
  answerTo(pullBack: Entry, terms: Terms, entry: Reader): AnswerKind | undefined;
  /** How terms stand by themselves. */
  outcome(terms: Terms, entry: Reader): Outcome;
  /** `isPresuming`: the entry is a claim or confirmation being judged, and may itself be the reaffirmation. */
  binding(entry: Reader, isPresuming?: boolean): Binding;
  /** How all terms stand beside each other, seen from everything. */
  outcomes(): ReadonlyMap<Terms, Outcome>;
  current(bound: Terms, entry: Reader): Current;
  /** The terms on the way from those that bind to the current ones, both included, seen from everything. */
  chain(bound: Terms): ReadonlySet<Terms>;
};

const unbound: Binding = { bound: undefined, rivals: [] };

/** Nothing stated yet, in the commitment that `created` opens. `roll` holds its valid entries. */
export function openStanding(book: Book, membership: Membership, created: Entry, roll: Roll): Standing {
  const { has } = book;
  const stated: Terms[] = [];
  const byEntry = new Map<number, Terms>();
  const bySignature = new Map<number, Terms>();
  /** Terms of `stated` that were ever fully signed: no others can bind in any past. */
  const signed: Terms[] = [];
  const presumed: Acts = [];
  const helpRetractions = findHelpRetractions(book, created);
  /** Entries about other subjects that pull back from terms here. */
  const outside: Acts = [];
  for (const retraction of helpRetractions) addAct(outside, retraction);
  /** The binding that a log saw last, and how many entries it knew. */
  const seen = new Map<string, { readonly count: number; readonly binding: Binding }>();
  const seenCurrent = new Map<
    number,
    { readonly count: number; readonly bound: Terms; readonly current: Current }
  >();

  function state(terms: Terms): void {
    byEntry.set(terms.entry.index, terms);
    if (!terms.isRevision) {
      if (stated.length === 0) watchSigners(terms);
      stated.push(terms);
    }
    if (terms.signers.length === 1) complete(terms);
  }

  /** Counters have the same signers, so those of the first terms are everybody's. */
  function watchSigners({ signers }: Terms): void {
    if (signers.length < 2) return;
    for (const signer of signers) outside.push(...membership.leaves(signer));
    roll.watch(outside.flat());
  }

  /** Notes that terms are fully signed. */
  function complete(terms: Terms): void {
    const { base } = terms;
    if (!terms.isRevision || base === undefined) {
      signed.push(terms);
      return;
    }
    base.followers.push(terms);
    if (base.followers.length === 1) {
      base.line.terms.push(terms);
      terms.line = base.line;
      terms.place = base.place + 1;
    }
    const isInDoubt = terms.entry.isDoubtful || terms.signatures.some(({ entry }) => entry.isDoubtful);
    if (base.followers.length > 1 || terms.closers.length > 0 || isInDoubt) breakLine(base);
  }

  /** From here on what follows on `terms` is worked out anew for every reader. */
  function breakLine({ line: { breaks }, place }: Terms): void {
    let at = breaks.length;
    while (at > 0 && (breaks[at - 1] as number) > place) at--;
    if (breaks[at - 1] !== place) breaks.splice(at, 0, place);
  }

  function sign(terms: Terms, by: string, entry: Entry, act: Entry): void {
    const wasFull = isFull(book, terms);
    terms.signatures.push({ by, entry, act });
    bySignature.set(entry.index, terms);
    if (!wasFull && isFull(book, terms)) complete(terms);
  }

  function close(terms: Terms, entry: Entry): void {
    addAct(terms.closers, entry);
    if (entry.type !== "commitment.countered") addAct(terms.refusals, entry);
    if (terms.isRevision && terms.base?.followers.includes(terms)) breakLine(terms.base);
  }

  function answer(terms: Terms, entry: Entry, rivals: readonly Terms[]): void {
    addAct(terms.answers, entry);
    if (rivals.length === 0) return;
    if (kindOf(entry) === "let-go") addAct(terms.lettingGo, entry);
    else terms.choices.push({ by: entry.by, entry, among: new Set(rivals) });
  }

  function pullBacks(terms: Terms, entry: Reader): readonly Entry[] {
    const closers = terms.closers.flatMap((part) => part.slice(0, countKnownPart(book, part, entry)));
    if (terms.isRevision || outside.length === 0) return closers;
    const help =
      terms.entry === created ? helpRetractions.filter((retraction) => isKnown(book, retraction, entry)) : [];
    const leaves = new Set(terms.signers.flatMap((signer) => crossedLeaves(terms, signer, entry)));
    return [...closers, ...help, ...leaves];
  }

  /** Departures of a signer that are concurrent with another one's signature. */
  function crossedLeaves({ signatures }: Terms, signer: string, entry: Reader): readonly Entry[] {
    const leaves = membership.leaves(signer);
    if (leaves.length === 0) return [];
    return signatures.flatMap((other) =>
      other.by !== signer && isKnown(book, other.entry, entry)
        ? concurrentWith(book, leaves, other.act, entry)
        : [],
    );
  }

  function answerTo(pullBack: Entry, terms: Terms, entry: Reader): AnswerKind | undefined {
    const { by } = pullBack;
    const isAfter = (act: Entry) => has(pullBack, act);
    const first = [
      firstKnown(book, terms.answers, entry, by, isAfter),
      terms.isRevision
        ? undefined
        : firstKnown(book, presumed, entry, by, (act) => isAfter(act) && isFull(book, terms, act)),
      ...(helpRetractions.includes(pullBack)
        ? terms.signatures
            .filter(({ act, entry: made }) => act.by === by && isAfter(act) && isKnown(book, made, entry))
            .map(({ act }) => act)
        : []),
    ].reduce((known, act) =>
      known === undefined || (act !== undefined && book.isVisitedBefore(act, known)) ? act : known,
    );
    return first && kindOf(first);
  }

  /** A counter to terms that were declined or retracted without knowing of it stands once its author says so. */
  function untouched({ base, isRevision, answers, statedBy }: Terms, entry: Reader): Outcome {
    if (isRevision || base === undefined || !knowsAny(book, base.refusals, entry)) return "open";
    const said = firstKnown(book, answers, entry, statedBy, () => true);
    return said === undefined ? "dormant" : kindOf(said) === "reaffirmed" ? "open" : "closed";
  }

  function outcome(terms: Terms, entry: Reader, isPresuming = false): Outcome {
    const pulled = pullBacks(terms, entry);
    if (isFull(book, terms, entry)) {
      return knowsAny(book, terms.lettingGo, entry) ? "closed" : settled(pulled, terms, entry, isPresuming);
    }
    if (pulled.length === 0) return untouched(terms, entry);
    if (pulled.some((pullBack) => !helpRetractions.includes(pullBack))) return "closed";
    const answered = settled(pulled, terms, entry, false);
    return answered === "bound" ? "open" : answered;
  }

  function settled(
    pulled: readonly Entry[],
    terms: Terms,
    entry: Reader,
    isPresuming: boolean,
  ): "closed" | "crossed" | "bound" {
    let isUnanswered = false;
    for (const pullBack of pulled) {
      const kind = answerTo(pullBack, terms, entry);
      if (kind === "let-go") return "closed";
      // Everything the claimant knows came before its claim, so the claim answers only what nothing else did.
      if (kind === undefined && !(isPresuming && pullBack.by === entry?.by)) isUnanswered = true;
    }
    return isUnanswered ? "crossed" : "bound";
  }

  function binding(entry: Reader, isPresuming = false): Binding {
    if (signed.length === 0) return unbound;
    if (signed.length === 1 && outside.length === 0) return bindingAmong(entry, isPresuming);
    if (entry === undefined) return bindingAmong(entry, isPresuming);
    // Along one log the same number of known entries means the same entries.
    const key = `${entry.log} ${isPresuming}`;
    const count = roll.version(entry) + countHeld(book.past, outside, entry);
    const last = seen.get(key);
    if (last?.count === count) return last.binding;
    const fresh = bindingAmong(entry, isPresuming);
    seen.set(key, { count, binding: fresh });
    return fresh;
  }

  function bindingAmong(entry: Reader, isPresuming: boolean): Binding {
    const bound = signed.filter(
      (terms) => isKnown(book, terms.entry, entry) && outcome(terms, entry, isPresuming) === "bound",
    );
    if (bound.length < 2) return bound.length === 0 ? unbound : { bound: bound[0], rivals: [] };
    const chosen = settleRivals(book, bound, entry, (_terms, reaffirmed) => reaffirmed.length > 0);
    return { bound: chosen, rivals: chosen === undefined ? bound : [] };
  }

  function outcomes(): ReadonlyMap<Terms, Outcome> {
    const { bound, rivals } = binding(undefined);
    const besides = rivals.length > 0 ? "crossed" : "closed";
    return new Map(
      stated
        .filter(({ entry }) => isKnown(book, entry, undefined))
        .map((terms) => {
          const alone = outcome(terms, undefined);
          return [terms, alone === "bound" && terms !== bound ? besides : alone];
        }),
    );
  }

  function current(bound: Terms, entry: Reader): Current {
    const walk = () => currentFrom(book, bound, entry, (terms) => outcome(terms, entry) === "bound");
    if (entry === undefined || bound.line.breaks.length === 0) return walk();
    const count = roll.version(entry);
    const last = seenCurrent.get(entry.log);
    if (last?.count === count && last.bound === bound) return last.current;
    const fresh = walk();
    seenCurrent.set(entry.log, { count, bound, current: fresh });
    return fresh;
  }

  return {
    stated,
    helpRetractions,
    state,
    sign,
    close,
    answer,
    presume: (entry) => addAct(presumed, entry),
    find: (entry, reader) =>
      entry !== undefined && isKnown(book, entry, reader) ? byEntry.get(entry.index) : undefined,
    signedBy: (entry) => bySignature.get(entry.index),
    pullBacks,
    answerTo,
    outcome,
    binding,
    outcomes,
    current,
    chain: (bound) => chainFrom(book, bound, (terms) => outcome(terms, undefined) === "bound"),
  };
}

/** What an entry says of terms: a claim, a confirmation and a signature stand by them. */
function kindOf({ type }: Entry): AnswerKind {
  return type === "commitment.let-go" ? "let-go" : "reaffirmed";
}
