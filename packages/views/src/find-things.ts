/**
 * Finding the things of a page: by the filter that leaves fewest, or, where each leaves many, in order of arrival until the
 * page is full. Either way the cost follows the page, not the collection.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Moment } from "@handfast/domain/facts";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { kindNumbers } from "./schema.ts";
import type { Kind, StoredFacts } from "./stored-facts.ts";

/** What narrows a list of things. Days are `YYYY-MM-DD`. */
export type ThingFilter = {
  readonly externalId?: string;
  /** Wrote an entry of it, or is named in one. */
  readonly partner?: PartnerId;
  /** What the commitment is for, was made as the lead of, or came from. */
  readonly initiative?: Ref;
  readonly state?: string;
  /** Due earlier than that day. */
  readonly dueBefore?: string;
  /** Due later than that day. */
  readonly dueAfter?: string;
  readonly overdue?: boolean;
  /** Each of its words begins a word of the title, whatever its case and accents. */
  readonly text?: string;
};

export type FoundThing = { readonly position: number; readonly subject: number };

/** A condition: rows that it leaves, and how one row is asked. */
type Condition = {
  /** Selects positions; `undefined` where the filter has no index of its own. */
  readonly rows?: {
    readonly sql: string;
    readonly values: readonly SQLInputValue[];
    readonly isInOrder: boolean;
  };
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
};

/** So many rows are looked up and sorted well within a millisecond or two. */
const fewRows = 2_000;

export interface ThingFinder {
  /**
   * @param moment Only things recorded, or said to have happened, by then; null: all.
   * @returns In order of arrival, after a position.
   */
  find(
    kind: Kind,
    filter: ThingFilter,
    page: { readonly after: number; readonly limit: number; readonly nowMs: number },
    moment?: Moment | null,
  ): readonly FoundThing[];
}

export function createThingFinder(database: DatabaseSync, facts: StoredFacts): ThingFinder {
  /** One statement for each combination of filters that was ever asked for: a hundred or so. */
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const countOf = ({ rows }: Condition): number => {
    if (rows === undefined) return Number.POSITIVE_INFINITY;
    const { sql, values } = rows;
    const count = prepared(`SELECT count(*) AS count FROM (${sql} LIMIT ${fewRows + 1})`);
    return (count.get(...values) as { count: number }).count;
  };

  return {
    find: (kind, filter, { after, limit, nowMs }, moment = null) => {
      const conditions = conditionsOf(kindNumbers[kind], filter, nowMs, facts);
      if (conditions === null) return [];
      const driving = drivingOf(conditions.map((condition) => ({ condition, count: countOf(condition) })));
      const rest = conditions.filter((condition) => condition !== driving);
      const when = moment === null ? [] : [inMoment(moment)];
      const asked = [...rest, ...when];
      const source =
        driving?.rows === undefined
          ? { from: "things", values: [] }
          : {
              from: `(${driving.rows.sql}) AS driving CROSS JOIN things ON things.position = driving.position`,
              values: driving.rows.values,
            };
      const place = driving?.rows === undefined ? "things.position" : "driving.position";
      const where = [...asked.map(({ sql }) => sql), "things.kind = ?", `${place} > ?`].join(" AND ");
      const statement = prepared(
        `SELECT things.position, things.subject FROM ${source.from} WHERE ${where} ORDER BY ${place} LIMIT ?`,
      );
      return statement.all(
        ...source.values,
        ...asked.flatMap(({ values }) => values),
        kindNumbers[kind],
        after,
        limit,
      ) as FoundThing[];
    },
  };
}

/** The condition whose rows are gone through: one that leaves few, else one whose rows come in order of arrival. */
function drivingOf(
  counted: readonly { readonly condition: Condition; readonly count: number }[],
): Condition | undefined {
  const [fewest] = counted.toSorted((a, b) => a.count - b.count);
  if (fewest !== undefined && fewest.count <= fewRows) return fewest.condition;
  return counted.find(({ condition }) => condition.rows?.isInOrder === true)?.condition;
}

const inMoment = ({ atMs, timeline }: Moment): Condition => ({
  sql: `things.${timeline === "recorded" ? "at" : "occurred_at"} <= ?`,
  values: [atMs],
});

/** Null: nothing can fit. */
function conditionsOf(
  kind: number,
  filter: ThingFilter,
  nowMs: number,
  facts: StoredFacts,
): readonly Condition[] | null {
  const conditions: Condition[] = [];
  const { externalId, partner, initiative, state, dueBefore, dueAfter, overdue, text } = filter;
  if (externalId !== undefined) {
    conditions.push({
      rows: {
        sql: "SELECT position FROM things WHERE external_id = ?",
        values: [externalId],
        isInOrder: true,
      },
      sql: "things.external_id = ?",
      values: [externalId],
    });
  }
  if (partner !== undefined) {
    const number = facts.numbers.partners.of(partner);
    if (number === undefined) return null;
    conditions.push({
      rows: {
        sql: "SELECT position FROM involving CROSS JOIN things USING (subject) WHERE partner = ? AND kind = ?",
        values: [number, kind],
        isInOrder: false,
      },
      sql: "EXISTS (SELECT 1 FROM involving WHERE partner = ? AND involving.subject = things.subject)",
      values: [number],
    });
  }
  if (initiative !== undefined) {
    const number = facts.subjectNumber(initiative);
    if (number === undefined) return null;
    conditions.push({
      rows: {
        sql: "SELECT created AS position FROM concerning WHERE named = ?",
        values: [number],
        isInOrder: true,
      },
      sql: "EXISTS (SELECT 1 FROM concerning WHERE named = ? AND created = things.position)",
      values: [number],
    });
  }
  if (text !== undefined) {
    const words = wordsOf(text);
    if (words === null) return null;
    conditions.push({
      rows: {
        sql: "SELECT rowid AS position FROM titles WHERE titles MATCH ?",
        values: [words],
        isInOrder: true,
      },
      sql: "EXISTS (SELECT 1 FROM titles WHERE titles MATCH ? AND rowid = things.position)",
      values: [words],
    });
  }
  if (state !== undefined) {
    conditions.push({
      rows: {
        sql: "SELECT position FROM things WHERE kind = ? AND state = ?",
        values: [kind, state],
        isInOrder: true,
      },
      sql: "things.state = ?",
      values: [state],
    });
  }
  if (dueBefore !== undefined || dueAfter !== undefined) {
    const [least, most] = [dueAfter ?? "", dueBefore ?? "9999-99-99"];
    conditions.push({
      rows: {
        sql: "SELECT position FROM things WHERE kind = ? AND due > ? AND due < ?",
        values: [kind, least, most],
        isInOrder: false,
      },
      sql: "things.due > ? AND things.due < ?",
      values: [least, most],
    });
  }
  if (overdue === true) {
    conditions.push({
      rows: {
        sql: "SELECT position FROM things WHERE kind = ? AND overdue_from <= ?",
        values: [kind, nowMs],
        isInOrder: false,
      },
      sql: "things.overdue_from <= ?",
      values: [nowMs],
    });
  }
  if (overdue === false) conditions.push({ sql: "coalesce(things.overdue_from > ?, 1)", values: [nowMs] });
  return conditions;
}

/** As a full-text query: each word as the beginning of one in the title. Null: it holds no word. */
function wordsOf(text: string): string | null {
  const words = text.match(/[\p{L}\p{N}]+/gu);
  return words === null ? null : words.map((word) => `"${word}"*`).join(" ");
}
