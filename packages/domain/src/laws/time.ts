/**
 * Law L4: time alone changes no one's duties. What has a day is looked at by it, and what nobody answered is presumed; both
 * are ways to look at a state at a moment, never states. Days and milliseconds of UTC, by arithmetic: the domain has no
 * clock and asks no calendar.
 */
import type { Charter } from "@handfast/protocol/charter";
import type { Day } from "@handfast/protocol/ids";

export const dayMs = 86_400_000;

/** Days since 1970-01-01 of a proleptic Gregorian date, by counting years from March. */
function dayNumber(day: Day): number {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const shifted = month > 2 ? year : year - 1;
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + date - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return shifted * 365 + leapDays + ofYear - 719_468;
}

/** The first millisecond of a day. */
export const startOf = (day: Day): number => dayNumber(day) * dayMs;
/** The first millisecond after a day: a day is over at the next midnight. */
export const endOf = (day: Day): number => startOf(day) + dayMs;

/** The day a moment lies in. */
export function dayOf(ms: number): Day {
  const days = Math.floor(ms / dayMs) + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const date = ofYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(date, 2)}`;
}

const pad = (number: number, width: number): string => String(number).padStart(width, "0");

type Parameters = Charter["parameters"];

/** From when on what was to be done by a day is overdue: the day is over for longer than the days of grace. */
export const overdueAfter = (due: Day, { graceDays }: Pick<Parameters, "graceDays">): number =>
  endOf(due) + graceDays * dayMs;

/** From when on a claim that nobody answers is presumed. Counted from its recording: nobody could answer it before. */
export const answerUntil = (
  claimedAt: number,
  { confirmWindowDays }: Pick<Parameters, "confirmWindowDays">,
): number => claimedAt + confirmWindowDays * dayMs;

export const isReached = (from: number | null, asOf: number): boolean => from !== null && asOf >= from;
