/**
 * An initiative: work that partners take part in by their own word, with one seat for whoever leads it.
 *
 * The fold takes two steps. Each entry is judged by its own past alone, so that what counts never stops counting; then
 * what excludes each other without knowing of each other is crossed, looking at everything in the cut.
 */
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import { compareText, type Entry, type Fact, isBefore } from "../fact.ts";
import { creationOf, gate, type Passed } from "../gate.ts";
import { crossed, effective, fatesOf, type Verdict, without } from "../verdict.ts";
import { type Book, counting, type InitiativeEvent, openBook, type Placed } from "./book.ts";
import { crossingsOf } from "./completion.ts";
import {
  isCrossedAccept,
  judgeAnswer,
  judgeCancelled,
  judgeCompleted,
  judgeOffered,
  judgeReaffirmed,
  judgeRetracted,
} from "./handoff.ts";
import { handoffsOf, movesOf } from "./handoffs.ts";
import { judgeStatusNoted, judgeStep, judgeSteppedUp, judgeTakingPart, statusOf } from "./lifecycle.ts";
import { hasLeft, seatsOf } from "./seat.ts";
import type { Initiative } from "./state.ts";

export type InitiativeFold = {
  /** `null` where the entry that was to create it has no effect. */
  readonly initiative: Initiative | null;
  /** What became of every entry of the subject. */
  readonly verdicts: ReadonlyMap<Ref, Verdict>;
};

export function foldInitiative(subject: Ref, cut: Cut): InitiativeFold {
  const facts = cut.factsOf(subject);
  const creation = creationOf("initiative.proposed", subject, cut);
  const passed = facts.map((fact) => ({
    fact,
    ...gate(fact, "initiative", creation !== null || fact.ref === subject, cut),
  }));
  const verdicts = new Map<Ref, Verdict>();
  if (creation === null) {
    for (const { fact, event, reason } of passed)
      verdicts.set(fact.ref, event === null ? without(reason) : effective);
    return { initiative: null, verdicts };
  }

  const entries = passed.flatMap(({ fact, event }) => (event === null ? [] : [{ fact, event }]));
  const book = openBook(cut, creation, entries, judge);
  for (const one of passed) verdicts.set(one.fact.ref, verdictOn(one, book));
  return { initiative: initiativeOf(book, facts, verdicts), verdicts };
}

/** Judges one entry by its own past. */
function judge(fact: Fact, event: InitiativeEvent, book: Book): Reason | null {
  switch (event.type) {
    case "initiative.proposed":
    case "subject.merged":
      return null;
    case "initiative.adopted":
    case "initiative.paused":
    case "initiative.resumed":
    case "initiative.completed":
      return judgeStep(fact, event, book);
    case "initiative.status-noted":
      return judgeStatusNoted(fact, event, book);
    case "initiative.joined":
    case "initiative.left":
      return judgeTakingPart(fact, event, book);
    case "lead.stepped-up":
      return judgeSteppedUp(fact, book);
    case "handoff.offered":
      return judgeOffered(fact, event, book);
    case "handoff.accepted":
    case "handoff.declined":
      return judgeAnswer(fact, event, book);
    case "handoff.acceptance-retracted":
      return judgeRetracted(fact, event, book);
    case "handoff.cancelled":
      return judgeCancelled(fact, event, book);
    case "handoff.reaffirmed":
      return judgeReaffirmed(fact, event, book);
    case "handoff.completed":
      return judgeCompleted(fact, event, book);
  }
}

/** What became of an entry, seen from everything in the cut. */
function verdictOn(
  { fact, event, reason }: Passed<InitiativeEvent> & { readonly fact: Fact },
  book: Book,
): Verdict {
  if (event === null) return without(reason);
  const judged = book.reasonOf(fact);
  if (judged !== null) return without(judged);
  if (event.type === "handoff.completed") {
    return crossingsOf({ fact, event }, book).length > 0 ? crossed : effective;
  }
  if (event.type === "handoff.accepted") return isCrossedAccept({ fact, event }, book) ? crossed : effective;
  return effective;
}

function initiativeOf(
  book: Book,
  facts: readonly Fact[],
  verdicts: ReadonlyMap<Ref, Verdict>,
): Initiative | null {
  const { fact, event } = book.creation;
  const seats = seatsOf(book);
  const seat = seats.at(-1);
  if (seat === undefined) return null;
  const handoffs = handoffsOf(book, seat);
  const notes = counting(book.all("initiative.status-noted"), book);
  return {
    ref: fact.ref,
    by: fact.by,
    at: fact.at[0],
    occurredAt: event.x.occurredAt ?? null,
    status: statusOf(book),
    externalStatus: notes.at(-1)?.event.x.externalStatus ?? null,
    externalId: event.x.externalId ?? null,
    lead: hasLeft(seat, book) ? null : seat.lead,
    term: seat.term,
    since: { ref: seat.since.ref, at: seat.since.at[0] },
    leads: seats.map(({ term, lead, since }) => ({ term, lead, since: since.ref, at: since.at[0] })),
    participants: participantsOf(book, seat.lead),
    stepUps: stepUpsOf(book),
    handoffs,
    moves: movesOf(handoffs),
    titledBy: fact.ref,
    ...fatesOf(facts, verdicts),
  };
}

/** Who joined and did not leave since, neither the initiative nor the network. Leading alone makes nobody take part. */
function participantsOf(book: Book, lead: PartnerId | null): readonly PartnerId[] {
  const latest = latestOfEach(book.all("initiative.joined", "initiative.left"), book);
  const takesPart = ({ fact, event }: Entry<"initiative.joined" | "initiative.left">): boolean =>
    event.type === "initiative.joined" &&
    book.cut.membership.departuresOf(fact.by).every((left) => isBefore(left, fact));
  return [...latest]
    .filter(([partner, entry]) => partner !== lead && takesPart(entry))
    .map(([partner]) => partner)
    .sort(compareText);
}

const stepUpsOf = (book: Book): Initiative["stepUps"] =>
  [...latestOfEach(book.all("lead.stepped-up"), book).values()].map(({ fact, event }) => ({
    by: fact.by,
    as: event.x.as,
    ref: fact.ref,
    at: fact.at[0],
  }));

const latestOfEach = <E extends Placed>(entries: readonly E[], book: Book): ReadonlyMap<PartnerId, E> =>
  new Map(counting(entries, book).map((entry) => [entry.fact.by, entry]));
