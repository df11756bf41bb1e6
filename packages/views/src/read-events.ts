/** Pages of the history, in order of arrival, each entry with its texts and its outcome. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Moment } from "@handfast/domain/facts";
import type { Verdict } from "@handfast/domain/verdict";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cuts } from "./cuts.ts";
import type { EventFilter, ListedEvents } from "./reads.ts";
import type { FactRow, StoredEntry, StoredFacts } from "./stored-facts.ts";
import { eventView } from "./views/event.ts";
import { openReading, type Sources } from "./views/reading.ts";

type EventQuery = EventFilter & {
  readonly at: Moment | null;
  readonly after: number;
  readonly limit: number;
};

/** @param upTo How far the views are: what arrives meanwhile is the next page's. */
export type EventReader = (query: EventQuery, upTo: number) => ListedEvents;

export function createEventReader(
  database: DatabaseSync,
  facts: StoredFacts,
  cuts: Cuts,
  sources: Sources,
): EventReader {
  const stored = database.prepare("SELECT effect, reason FROM verdicts WHERE subject = ? AND position = ?");
  const verdictOf = ({ position, fact }: StoredEntry): Verdict => {
    const row = stored.get(facts.subjectNumber(fact.subject) ?? -1, position) as
      | { effect: Verdict["effect"]; reason: Reason }
      | undefined;
    if (row === undefined) return { effect: "effective" };
    return row.effect === "none" ? { effect: "none", reason: row.reason } : { effect: row.effect };
  };

  return ({ at, after, limit, ...filter }, upTo) => {
    const conditions = conditionsOf(filter, at, facts);
    const where = ["position > ?", "position <= ?", ...conditions.map(({ sql }) => sql)].join(" AND ");
    const rows = database
      .prepare(`SELECT * FROM facts WHERE ${where} ORDER BY position LIMIT ?`)
      .all(after, upTo, ...conditions.map(({ value }) => value), limit + 1) as FactRow[];
    const page = rows.slice(0, limit).map(facts.fromRow);
    const cut = at === null ? cuts.now : cuts.asOf(at);
    const reading = openReading(sources, cut, at?.atMs ?? 0, at === null);
    const items = page.map((entry) =>
      eventView(entry, at === null ? verdictOf(entry) : cut.verdictOf(entry.fact.ref), reading),
    );
    const next = rows.length > limit ? (page.at(-1)?.position ?? null) : null;
    return { items, next, upTo: next ?? Math.max(after, upTo) };
  };
}

type Condition = { readonly sql: string; readonly value: SQLInputValue };

/** What nothing carries has no number; -1 is nobody's. */
const numberOr = (number: number | undefined): number => number ?? -1;

function conditionsOf(
  { type, subject, by }: EventFilter,
  at: Moment | null,
  facts: StoredFacts,
): readonly Condition[] {
  const { types, partners } = facts.numbers;
  // Of several, the narrowest index is asked; a plus sign keeps SQLite from asking another.
  const conditions: Condition[] = [];
  if (subject !== undefined)
    conditions.push({ sql: "subject = ?", value: numberOr(facts.subjectNumber(subject)) });
  const narrowed = () => (conditions.length > 0 ? "+" : "");
  if (by !== undefined) conditions.push({ sql: `${narrowed()}by = ?`, value: numberOr(partners.of(by)) });
  if (type !== undefined) conditions.push({ sql: `${narrowed()}type = ?`, value: numberOr(types.of(type)) });
  if (at === null) return conditions;
  const network = numberOr(facts.subjectNumber(facts.network));
  conditions.push(
    at.timeline === "recorded"
      ? { sql: "+at <= ?", value: at.atMs }
      : { sql: `(subject = ${network} OR coalesce(occurred_at, at) <= ?)`, value: at.atMs },
  );
  return conditions;
}
