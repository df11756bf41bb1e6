/**
 * A commitment: one partner promises others an outcome by a day. It is agreed by naming the same terms, it binds only
 * whoever signed them, and only those it was made to can say that it was kept.
 *
 * The fold takes two steps. First each entry is judged by its own past alone, so that what counts never stops counting;
 * then everything that counts is put together, and what excludes each other without knowing of each other is crossed.
 */
import type { Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import type { Fact } from "../fact.ts";
import { type Verdict, without } from "../verdict.ts";
import type { Book } from "./book.ts";
import { effectOf } from "./effects.ts";
import { enter, state } from "./entering.ts";
import { type CommitmentEvent, commitmentGate } from "./gate.ts";
import { wholeNegotiation } from "./negotiation.ts";
import { judgeCreation } from "./negotiation-rules.ts";
import { currentIn } from "./revision.ts";
import { everything } from "./scope.ts";
import { crossedRetractions } from "./signature-by-offer.ts";
import { type Commitment, commitmentOf } from "./state.ts";
import { type CreatingEvent, isCreating, termsOf } from "./terms.ts";

export type CommitmentFold = {
  /** `null` where the entry that was to create it has no effect. */
  readonly commitment: Commitment | null;
  /** What became of every entry of the subject. */
  readonly verdicts: ReadonlyMap<Ref, Verdict>;
};

export function foldCommitment(subject: Ref, cut: Cut): CommitmentFold {
  const verdicts = new Map<Ref, Verdict>();
  const facts = cut.factsOf(subject);
  const book = openBook(facts, subject, cut, verdicts);
  const counting: { readonly fact: Fact; readonly event: CommitmentEvent }[] = [];

  for (const fact of facts) {
    if (fact.ref === subject) {
      if (book !== null) counting.push({ fact, event: book.creation.event });
      continue;
    }
    const { event, reason } = commitmentGate(fact, book?.creation.fact ?? null, cut);
    const judged = event === null ? reason : book === null ? "wrong-subject" : enter(fact, event, book);
    if (judged !== null) verdicts.set(fact.ref, without(judged));
    else if (event !== null) counting.push({ fact, event });
  }
  if (book === null) return { commitment: null, verdicts };

  const negotiation = wholeNegotiation(book);
  const { bound } = negotiation;
  const outcome = { negotiation, current: bound === null ? null : currentIn(book, everything, bound) };
  for (const { fact, event } of counting) verdicts.set(fact.ref, effectOf(fact, event, book, outcome));
  return { commitment: commitmentOf(book, outcome, facts, verdicts), verdicts };
}

/** The book with its first page: the entry that creates the commitment, if that has effect. */
function openBook(facts: readonly Fact[], subject: Ref, cut: Cut, verdicts: Map<Ref, Verdict>): Book | null {
  const fact = facts.find((one) => one.ref === subject);
  if (fact === undefined) return null;
  const { event, reason } = judgeFirst(fact, cut);
  if (event === null) {
    verdicts.set(subject, without(reason));
    return null;
  }
  const stated = { terms: termsOf(fact, event), fact };
  const book: Book = {
    cut,
    creation: { ...stated, event },
    helpRetractions: crossedRetractions({ fact, event }, cut),
    stated: [],
    revisions: [],
    signatures: [],
    pullBacks: [],
    answers: [],
    acts: new Map(),
    under: new Map(),
  };
  state(book.stated, stated, book);
  return book;
}

type First =
  | { readonly event: CreatingEvent; readonly reason: null }
  | { readonly event: null; readonly reason: Reason };

function judgeFirst(fact: Fact, cut: Cut): First {
  const { event, reason } = commitmentGate(fact, fact, cut);
  if (event === null) return { event, reason };
  if (!isCreating(event)) return { event: null, reason: "wrong-subject" };
  const judged = judgeCreation(fact.by, event);
  return judged === null ? { event, reason: null } : { event: null, reason: judged };
}
