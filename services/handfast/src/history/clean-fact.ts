/**
 * Takes a line's value as files have it, and puts it into the form that the schema asks for, as far as its meaning is not in
 * doubt: blanks, Unicode forms, line breaks, numbers as ids, days as instants. Each change is noted, so that nothing is
 * changed behind anybody's back. What could mean two things is left for the schema to refuse.
 */
import { Day } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { unprintable } from "@handfast/protocol/text";

export type Note = { readonly member: string; readonly note: string };
export type Cleaned = {
  readonly value: unknown;
  readonly notes: readonly Note[];
  /** The title as it was, where it had to be shortened. */
  readonly wholeTitle?: string;
};
type Step = readonly [note: string, change: (text: string) => string];

const lineBreak = /[\t\n\v\f\r\u0085\u2028\u2029]/;

const steps: readonly Step[] = [
  ["half a surrogate pair replaced", (text) => text.toWellFormed()],
  ["put into Unicode form NFC", (text) => text.normalize("NFC")],
  // A line separator of any system, with the blanks around it.
  [
    "line break or tab replaced by a blank",
    // By whole runs of blanks: asking for blanks around a break costs the square of a long run without one.
    (text) => text.replaceAll(/[\s\u0085]+/g, (blanks) => (lineBreak.test(blanks) ? " " : blanks)),
  ],
  ["invisible characters removed", (text) => text.replaceAll(new RegExp(unprintable, "g"), "")],
  ["blanks around it removed", (text) => text.trim()],
];

/** A line of text without what cannot be seen, in one form. */
export const cleanText = (text: string): string => steps.reduce((before, [, change]) => change(before), text);

const ids = ["initiative", "commitment", "status"];
const days = ["due", "was"];

export function cleanFact(value: unknown): Cleaned {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { value, notes: [] };
  const notes: Note[] = [];
  let wholeTitle: string | undefined;
  const clean = (member: string, given: unknown): unknown => {
    const note = (text: string) => void notes.push({ member, note: text });
    if (typeof given === "number" && ids.includes(member)) {
      // A longer number has lost digits already where it was read.
      if (!Number.isSafeInteger(given)) return given;
      note("number taken as a text");
      return String(given);
    }
    if (typeof given !== "string") return given;
    const text = steps.reduce((before, [what, change]) => {
      const after = change(before);
      if (after !== before) note(what);
      return after;
    }, given);
    if (member === "at" && Day.safeParse(text).success) {
      note("a day, taken as its first moment in UTC");
      return `${text}T00:00:00Z`;
    }
    if (days.includes(member) && /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)) {
      note("the day it names is taken, without the time");
      return text.slice(0, 10);
    }
    if (member === "title" && text.length > limits.titleLength) {
      wholeTitle = text;
      note(
        `shortened from ${text.length} to ${limits.titleLength} characters; the whole title is kept with the text`,
      );
      return shortened(text, limits.titleLength);
    }
    return text;
  };
  const members = Object.entries(value).map(([member, given]) => [member, clean(member, given)] as const);
  return {
    value: Object.fromEntries(members),
    notes,
    ...(wholeTitle === undefined ? {} : { wholeTitle }),
  };
}

/** At most `max` UTF-16 units, with an ellipsis at the end, and no character cut in half. */
const shortened = (text: string, max: number): string =>
  `${text
    .slice(0, max - 1)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd()}…`;
