/**
 * The completion of a handoff, and what crosses it: the only thing that can keep it from passing the lead on, once its
 * own past lets it count.
 */
import type { Ref } from "@handfast/protocol/ids";
import { type Entry, type Fact, isConcurrent } from "../fact.ts";
import { type Book, counting, countingBefore, entryOf } from "./book.ts";

type Completed = Entry<"handoff.completed">;

/** The offer an acceptance answers, counting or not. */
export function offerOf(accept: Ref, book: Book): Entry<"handoff.offered"> | undefined {
  const accepted = entryOf(book, "handoff.accepted", accept);
  return accepted && entryOf(book, "handoff.offered", accepted.event.x.offer);
}

/** What crossed a completion: the receiver took its acceptance back, or left, without knowing that it was completed. */
export function crossingsOf({ fact, event }: Completed, book: Book): readonly Fact[] {
  const { accept } = event.x;
  const retracted = book
    .all("handoff.acceptance-retracted")
    .filter((one) => one.event.x.accept === accept && isConcurrent(one.fact, fact));
  const receiver = entryOf(book, "handoff.accepted", accept)?.fact.by;
  const left = receiver === undefined ? [] : book.cut.membership.departuresOf(receiver);
  return [
    ...counting(retracted, book).map((one) => one.fact),
    ...left.filter((one) => isConcurrent(one, fact)),
  ];
}

export const isEffective = (completed: Completed, book: Book): boolean =>
  book.reasonOf(completed.fact) === null && crossingsOf(completed, book).length === 0;

/** Effective completions in the past of an entry. */
export const completedBefore = (fact: Fact, book: Book): readonly Completed[] =>
  countingBefore(fact, book.all("handoff.completed"), book).filter((one) => isEffective(one, book));
