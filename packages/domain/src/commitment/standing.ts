/**
 * How terms stand: signed, pulled back, or both. Signing and pulling back without knowing of each other leaves them
 * crossed, which binds nobody, until whoever pulled back stands by them or lets them go (law L5).
 */
import type { PinnedRef } from "@handfast/protocol/ids";
import { compareFacts, type Fact, isBefore, isConcurrent } from "../fact.ts";
import { type Answer, actsIn, type Book, isFullySigned, type PullBack } from "./book.ts";
import { pastOf, type Scope } from "./scope.ts";
import type { Terms } from "./terms.ts";

export type Standing = "open" | "dormant" | "bound" | "crossed" | "closed";

/**
 * Where the terms stand by themselves, whatever other terms there are.
 *
 * @param presuming An act that is just being judged: as a claim or confirmation it can itself be the reaffirmation.
 */
export function standingOf(terms: Terms, book: Book, scope: Scope, presuming?: Fact): Standing {
  const pullBacks = pullBacksOf(terms, book, scope);
  const answers = pullBacks.map((pullBack) => answerTo(pullBack, terms, book, scope, presuming));
  const unsettled = (): Standing =>
    answers.includes("let-go") ? "closed" : answers.includes(null) ? "crossed" : "bound";
  if (isFullySigned(book, scope, terms)) return unsettled();
  if (pullBacks.length === 0) return untouched(terms, book, scope);
  // A request crossed with its offer of help being retracted waits for the helper's word; its signature may come with it.
  if (pullBacks.some((one) => one.how !== "help-retracted")) return "closed";
  const standing = unsettled();
  return standing === "bound" ? "open" : standing;
}

export function pullBacksOf(terms: Terms, book: Book, scope: Scope): readonly PullBack[] {
  const own = book.pullBacks.filter((one) => one.terms === terms.pinned && scope(one.fact));
  if (terms.kind === "revision") return own;
  const pulled = (how: PullBack["how"]) => (fact: Fact) => ({ terms: terms.pinned, by: fact.by, fact, how });
  const help = terms.ref === book.creation.terms.ref ? book.helpRetractions.filter(scope) : [];
  const signatures = book.signatures.filter((one) => one.terms === terms.pinned && scope(one.since));
  const left = terms.signers
    .flatMap((signer) => book.cut.membership.departuresOf(signer))
    .filter(scope)
    .filter((leave) => signatures.some((one) => one.by !== leave.by && isConcurrent(one.fact, leave)));
  return [...own, ...help.map(pulled("help-retracted")), ...left.map(pulled("left"))];
}

/** What the party that pulled back said first of the two afterwards. */
export function answerTo(
  pullBack: PullBack,
  terms: Terms,
  book: Book,
  scope: Scope,
  presuming?: Fact,
): Answer["says"] | null {
  const isAnswer = (fact: Fact) => fact.by === pullBack.by && isBefore(pullBack.fact, fact);
  const answers = book.answers
    .filter((one) => one.terms === terms.pinned && scope(one.fact) && isAnswer(one.fact))
    .map(({ fact, says }) => ({ fact, says }));
  const stoodBy = [
    ...(terms.kind === "revision" ? [] : presumingActs(terms, book, scope, presuming)),
    ...(pullBack.how === "help-retracted" ? ownSignatures(terms, book, scope, pullBack) : []),
  ].filter(isAnswer);
  const all = [...answers, ...stoodBy.map((fact) => ({ fact, says: "reaffirmed" as const }))];
  return all.sort((a, b) => compareFacts(a.fact, b.fact))[0]?.says ?? null;
}

/** Claims and confirmations that presume the terms: their authors saw them fully signed. */
const presumingActs = (terms: Terms, book: Book, scope: Scope, presuming?: Fact): readonly Fact[] =>
  [
    ...actsIn(book, scope, "commitment.claimed").map((act) => act.fact),
    ...actsIn(book, scope, "commitment.confirmed").map((act) => act.fact),
    ...(presuming === undefined ? [] : [presuming]),
  ].filter((fact) => isFullySigned(book, pastOf(fact), terms));

/** A helper who retracted its help and then signs the request stands by it. */
const ownSignatures = (terms: Terms, book: Book, scope: Scope, pullBack: PullBack): readonly Fact[] =>
  book.signatures
    .filter((one) => one.terms === terms.pinned && one.by === pullBack.by && scope(one.since))
    .map((one) => one.fact);

/** A counter to terms that were being declined or retracted: open only once its author says it still stands. */
function untouched(terms: Terms, book: Book, scope: Scope): Standing {
  const isEnd = (one: PullBack) => one.terms === terms.base && one.how !== "countered" && scope(one.fact);
  if (terms.kind !== "counter" || !book.pullBacks.some(isEnd)) return "open";
  const says = book.answers.find(
    (one) => one.terms === terms.pinned && one.by === terms.by && scope(one.fact),
  )?.says;
  return says === undefined ? "dormant" : says === "reaffirmed" ? "open" : "closed";
}

/**
 * Several that bind at once bind nobody, until those who saw them all stand by one and the same, or let the others go.
 *
 * @param agreed Whether these reaffirmations settle it.
 */
export function settle(
  rivals: readonly Terms[],
  book: Book,
  scope: Scope,
  agreed: (terms: Terms, reaffirmed: readonly Answer[]) => boolean,
): { readonly chosen: Terms | null; readonly crossed: readonly Terms[] } {
  const heard = book.answers.filter((one) => scope(one.fact) && one.among.includes(one.terms));
  const kept = rivals.filter(
    (terms) => !heard.some((one) => one.says === "let-go" && one.terms === terms.pinned),
  );
  if (kept.length < 2) return { chosen: kept[0] ?? null, crossed: [] };
  const saw = (one: Answer) => kept.every((terms) => one.among.includes(terms.pinned));
  const reaffirmed = heard.filter((one) => one.says === "reaffirmed" && saw(one));
  const chosen = kept.filter((terms) => agreed(terms, reaffirmed));
  const only = chosen.length === 1 ? (chosen[0] ?? null) : null;
  return only === null ? { chosen: null, crossed: kept } : { chosen: only, crossed: [] };
}

export const pinsOf = (terms: readonly Terms[]): readonly PinnedRef[] => terms.map((one) => one.pinned);
