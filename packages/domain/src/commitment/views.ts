/**
 * What a commitment looks like at a moment. Time alone changes no one's duties (law L4): overdue and presumed are ways
 * to look at a state, never states.
 */
import type { Charter } from "@handfast/protocol/charter";
import { dayMs, endOf } from "./days.ts";
import { isClosedState } from "./performance.ts";
import type { Commitment } from "./state.ts";

type Parameters = Charter["parameters"];

/** Still to be done, and its day has been over for longer than the days of grace. */
export const isOverdue = (commitment: Commitment, asOf: number, parameters: Parameters): boolean =>
  commitment.state === "active" && asOf >= endOf(commitment.due) + parameters.graceDays * dayMs;

/** Said to be kept, and nobody answered in the time there was to; still disputable, and never counted as confirmed. */
export function isPresumed(commitment: Commitment, asOf: number, parameters: Parameters): boolean {
  const until = answerUntil(commitment, parameters);
  return commitment.state === "claimed" && until !== null && asOf >= until;
}

/** When a claim that nobody answers becomes presumed. Counted from its recording: nobody could answer it before. */
export function answerUntil(commitment: Commitment, parameters: Parameters): number | null {
  const claimed = commitment.claims.at(-1);
  return claimed === undefined ? null : claimed.at + parameters.confirmWindowDays * dayMs;
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
