/**
 * What a commitment looks like at a moment. Time alone changes no one's duties (law L4): overdue and presumed are ways
 * to look at a state, never states.
 */
import type { Charter } from "@handfast/protocol/charter";
import { isReached, overdueAfter, answerUntil as until } from "../laws/time.ts";
import { isClosedState } from "./stages.ts";
import type { Commitment } from "./view.ts";

type Parameters = Charter["parameters"];

/** From when on it is overdue, in milliseconds: still to be done, and its day over for longer than the days of grace. */
export const overdueFrom = ({ state, due }: Commitment, parameters: Parameters): number | null =>
  state === "active" ? overdueAfter(due, parameters) : null;

/**
 * From when on it is presumed kept, in milliseconds: said to be, and nobody answered in the time there was to. Still
 * disputable, and never counted as confirmed.
 */
export const presumedFrom = (commitment: Commitment, parameters: Parameters): number | null =>
  commitment.state === "claimed" ? answerUntil(commitment, parameters) : null;

export const isOverdue = (commitment: Commitment, asOf: number, parameters: Parameters): boolean =>
  isReached(overdueFrom(commitment, parameters), asOf);

export const isPresumed = (commitment: Commitment, asOf: number, parameters: Parameters): boolean =>
  isReached(presumedFrom(commitment, parameters), asOf);

/** When a claim that nobody answers becomes presumed. Counted from its recording: nobody could answer it before. */
export function answerUntil(commitment: Commitment, parameters: Parameters): number | null {
  const claimed = commitment.claims.at(-1);
  return claimed === undefined ? null : until(claimed.at, parameters);
}

/** What people are shown: five words, the rest on demand. */
export type PlainWord = "asked" | "offered" | "agreed" | "under way" | "done?" | "closed";

export function plainWord(commitment: Commitment): PlainWord {
  const { state, terms, debtor, progress, flags } = commitment;
  if (isClosedState(state)) return "closed";
  if (state === "claimed" || state === "disputed") return "done?";
  if (state === "active") return progress.length > 0 || flags.partConfirmed ? "under way" : "agreed";
  return terms.current.by === debtor ? "offered" : "asked";
}
