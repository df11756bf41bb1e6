/**
 * A history file: what a network did before it had nodes, one JSON object a line, ascending `at`.
 *
 * Each line stands alone, so a line that does not fit is reported with its number and the others go on.
 */
import { misfitText, parseInput } from "@handfast/api/misfits";
import { limits } from "@handfast/protocol/limits";
import { z } from "zod";
import { type Cleaned, cleanFact, type Note } from "./clean-fact.ts";
import { type Fact, type FactKind, facts } from "./facts.ts";

/** A line of the file, counted from 1. */
export type Line =
  | {
      readonly line: number;
      readonly fact: Fact;
      /** Milliseconds since 1970. */
      readonly occurredAt: number;
      readonly notes: readonly Note[];
      /** The title as the file has it, where it is too long for one. */
      readonly wholeTitle?: string;
    }
  | {
      readonly line: number;
      /** Everything that does not fit, each with what was given, what is expected and an example. */
      readonly malformed: readonly [string, ...string[]];
    };

const byteOrderMark = "\ufeff";

/** Every line of a history, the malformed ones with what is wrong; empty lines are passed over. */
export function readHistory(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    if (raw.trim() === "") continue;
    const isMarked = raw.startsWith(byteOrderMark);
    const line = readLine(index + 1, isMarked ? raw.slice(1) : raw);
    const mark = { member: "line", note: "byte-order mark removed" };
    lines.push(isMarked && "fact" in line ? { ...line, notes: [mark, ...line.notes] } : line);
  }
  return lines;
}

function readLine(line: number, raw: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    return { line, malformed: [`not JSON; expected one JSON object on one line, such as ${exampleLine}`] };
  }
  const cleaned = cleanFact(value);
  const given = cleaned.value as Readonly<Record<string, unknown>> | null;
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return {
      line,
      malformed: [`got ${JSON.stringify(given).slice(0, 60)}, expected a JSON object such as ${exampleLine}`],
    };
  const { wholeTitle } = cleaned;
  if (wholeTitle !== undefined && wholeTitle.length > limits.textLength)
    return {
      line,
      malformed: [
        `title: got ${wholeTitle.length} characters, expected text of 1 to ${limits.titleLength} characters; a longer title is kept with the text, up to ${limits.textLength} characters`,
      ],
    };
  const kind = Kind.safeParse(given["fact"]);
  const parsed = parseInput(kind.success ? facts[kind.data] : AnyFact, given);
  if (!parsed.ok) {
    const [first, ...more] = parsed.misfits.map(misfitText);
    return { line, malformed: [first ?? "does not fit", ...more] };
  }
  const fact = parsed.value as Fact;
  if (Date.parse(fact.at) < 0)
    return { line, malformed: [`at: got "${fact.at}", expected an instant of 1970 or later`] };
  return { line, ...readable(fact, cleaned) };
}

const Kind = z.enum(Object.keys(facts) as [FactKind, ...FactKind[]]);
/** Of a line of no known kind only that is said. */
const AnyFact = z.looseObject({ fact: Kind });

const readable = (fact: Fact, { notes, wholeTitle }: Cleaned) => ({
  fact,
  occurredAt: Date.parse(fact.at),
  notes,
  ...(wholeTitle === undefined ? {} : { wholeTitle }),
});

export const exampleLine =
  '{"at":"2026-03-01","partner":"Orchard","fact":"initiative.proposed","initiative":"mill-7","title":"A mill"}';

/** Partners by number of facts as `partner`, most first; ties by first appearance. */
export function mostActive(lines: readonly Line[], count: number): readonly string[] {
  const acts = new Map<string, number>();
  for (const line of lines)
    if ("fact" in line) acts.set(line.fact.partner, (acts.get(line.fact.partner) ?? 0) + 1);
  // The sort is stable and a Map keeps the order of first appearance.
  return [...acts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([partner]) => partner);
}

/** Ids of the source that name initiatives and commitments. */
export const externalIdsOf = (lines: readonly Line[]): ReadonlySet<string> =>
  new Set(
    lines.flatMap((line) => {
      if (!("fact" in line)) return [];
      const { fact } = line;
      return "commitment" in fact ? [fact.initiative, fact.commitment] : [fact.initiative];
    }),
  );
