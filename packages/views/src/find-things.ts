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
  /** Of conversations: the thing that they are about or that came of them. */
  readonly about?: Ref;
  /** Of conversations: whether somebody waits for a word of the node's own partner, or it for others. */
  readonly waiting?: "for-you" | "for-others";
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
    /** Whether they are all of the kind that is asked for. */
    readonly isOfKind?: boolean;
    /** Counting them costs as much as going through them. */
    readonly isUncounted?: boolean;
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

export function createThingFinder(database: DatabaseSync, facts: StoredFacts, self: PartnerId): ThingFinder {
  /** One statement for each combination of filters that was ever asked for: a hundred or so. */
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const countOf = ({ rows }: Condition): number => {
    if (rows === undefined || rows.isUncounted === true) return Number.POSITIVE_INFINITY;
    const { sql, values } = rows;
    const count = prepared(`SELECT count(*) AS count FROM (${sql} LIMIT ${fewRows + 1})`);
    return (count.get(...values) as { count: number }).count;
  };

  /** Things for which all conditions hold, from those of `driving`, or else of the whole collection. */
  const select = (
    kind: number,
    driving: Condition | undefined,
    asked: readonly Condition[],
    { after, limit }: { readonly after: number; readonly limit: number },
  ): readonly FoundThing[] => {
    const rows = driving?.rows;
    if (rows?.isOfKind === true && asked.length === 0) {
      // Nothing else is asked of a thing, so its row is not needed until the page is known.
      return prepared(
        `SELECT things.position, things.subject FROM (SELECT position FROM (${rows.sql}) WHERE position > ?
           ORDER BY position LIMIT ?) AS driving CROSS JOIN things ON things.position = driving.position
         ORDER BY driving.position`,
      ).all(...rows.values, after, limit) as FoundThing[];
    }
    const from =
      rows === undefined
        ? "things"
        : `(${rows.sql}) AS driving CROSS JOIN things ON things.position = driving.position`;
    const place = rows === undefined ? "things.position" : "driving.position";
    const where = [...asked.map(({ sql }) => sql), "things.kind = ?", `${place} > ?`].join(" AND ");
    return prepared(
      `SELECT things.position, things.subject FROM ${from} WHERE ${where} ORDER BY ${place} LIMIT ?`,
    ).all(
      ...(rows?.values ?? []),
      ...asked.flatMap(({ values }) => values),
      kind,
      after,
      limit,
    ) as FoundThing[];
  };

  return {
    find: (kind, filter, { after, limit, nowMs }, moment = null) => {
      const number = kindNumbers[kind];
      const conditions = conditionsOf(number, filter, nowMs, facts, self);
      if (conditions === null) return [];
      const all = moment === null ? conditions : [...conditions, inMoment(moment)];
      const counted = conditions.map((condition) => ({ condition, count: countOf(condition) }));
      const driving = drivingOf(counted);
      const without = (one: Condition | undefined) => all.filter((condition) => condition !== one);
      const page = { after, limit };
      if (driving === undefined || driving.count <= fewRows || driving.condition.rows?.isInOrder === true)
        return select(number, driving?.condition, without(driving?.condition), page);
      // Many rows that do not come in order: the page is most likely full after looking at the next few things.
      const near = select(number, nextThings(number, after), all, page);
      return near.length === limit
        ? near
        : select(number, driving.condition, without(driving.condition), page);
    },
  };
}

type Counted = { readonly condition: Condition; readonly count: number };

/** The condition whose rows are gone through: one that leaves few, else one whose rows come in order of arrival. */
function drivingOf(counted: readonly Counted[]): Counted | undefined {
  const indexed = counted.filter(({ condition }) => condition.rows !== undefined);
  const [fewest] = indexed.toSorted((a, b) => a.count - b.count);
  if (fewest !== undefined && fewest.count <= fewRows) return fewest;
  return indexed.find(({ condition }) => condition.rows?.isInOrder === true) ?? fewest;
}

const nextThings = (kind: number, after: number): Condition => ({
  rows: {
    sql: `SELECT position FROM things WHERE kind = ? AND position > ? ORDER BY position LIMIT ${fewRows}`,
    values: [kind, after],
    isInOrder: true,
  },
  sql: "true",
  values: [],
});

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
  self: PartnerId,
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
  if (filter.about !== undefined) {
    const number = facts.subjectNumber(filter.about);
    if (number === undefined) return null;
    conditions.push({
      rows: {
        sql: "SELECT created AS position FROM talk WHERE named = ?",
        values: [number],
        isInOrder: true,
      },
      sql: "EXISTS (SELECT 1 FROM talk WHERE named = ? AND created = things.position)",
      values: [number],
    });
  }
  if (filter.waiting === "for-you") {
    const number = facts.numbers.partners.of(self) ?? -1;
    conditions.push({
      rows: {
        sql: "SELECT DISTINCT thing AS position FROM moves WHERE party = ?",
        values: [number],
        isInOrder: false,
      },
      sql: "EXISTS (SELECT 1 FROM moves WHERE thing = things.position AND party = ?)",
      values: [number],
    });
  }
  if (filter.waiting === "for-others") {
    conditions.push({
      rows: {
        sql: "SELECT position FROM things INDEXED BY things_waiting WHERE kind = ? AND waiting_from IS NOT NULL",
        values: [kind],
        isInOrder: false,
        isOfKind: true,
      },
      sql: "things.waiting_from IS NOT NULL",
      values: [],
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
        isUncounted: true,
      },
      sql: "EXISTS (SELECT 1 FROM titles WHERE titles MATCH ? AND rowid = things.position)",
      values: [words],
    });
  }
  if (state !== undefined) {
    conditions.push({
      rows: {
        sql: "SELECT position FROM things INDEXED BY things_by_state WHERE kind = ? AND state = ?",
        values: [kind, state],
        isInOrder: true,
        isOfKind: true,
      },
      sql: "things.state = ?",
      values: [state],
    });
  }
  if (dueBefore !== undefined || dueAfter !== undefined) {
    const [least, most] = [dueAfter ?? "", dueBefore ?? "9999-99-99"];
    conditions.push({
      rows: {
        sql: "SELECT position FROM things INDEXED BY things_by_due WHERE kind = ? AND due > ? AND due < ?",
        values: [kind, least, most],
        isInOrder: false,
        isOfKind: true,
      },
      sql: "things.due > ? AND things.due < ?",
      values: [least, most],
    });
  }
  if (overdue === true) {
    conditions.push({
      rows: {
        sql: "SELECT position FROM things INDEXED BY things_overdue WHERE kind = ? AND overdue_from <= ?",
        values: [kind, nowMs],
        isInOrder: false,
        isOfKind: true,
      },
      sql: "things.overdue_from <= ?",
      values: [nowMs],
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
        isOfKind: true,
      },
      sql: "EXISTS (SELECT 1 FROM involving WHERE partner = ? AND involving.subject = things.subject)",
      values: [number],
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
