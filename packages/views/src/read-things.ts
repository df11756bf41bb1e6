/** Pages of things and single things: from their rows now, folded as they stood at any other moment. */
import type { DatabaseSync } from "node:sqlite";
import type { Collection } from "@handfast/api/verbs";
import type { Logger } from "@handfast/bus/logger";
import type { Moment } from "@handfast/domain/facts";
import type { Hash, Ref } from "@handfast/protocol/ids";
import type { Cuts } from "./cuts.ts";
import { createThingFinder, type FoundThing, type ThingFilter } from "./find-things.ts";
import type { Names } from "./names.ts";
import type { Listed, ListQuery } from "./reads.ts";
import { kindNumbers } from "./schema.ts";
import type { Kind, StoredFacts } from "./stored-facts.ts";
import { type Thing, type ThingView, thingOf } from "./thing.ts";
import { handoffsAt } from "./views/initiative.ts";
import { openReading, type Reading, type Sources } from "./views/reading.ts";

type Things = Exclude<Collection, "partners">;

export const kindOf = {
  initiatives: "initiative",
  challenges: "challenge",
  commitments: "commitment",
} as const satisfies Record<Things, Kind>;

type Row = {
  readonly view: string;
  /** Moves with every entry, which the view beside it need not do. */
  readonly etag: Hash;
  readonly overdue_from: number | null;
  readonly presumed_from: number | null;
  readonly waiting_from: number | null;
};

export interface ThingReader {
  one(collection: Things, ref: Ref, at: Moment | null, nowMs: number): ThingView | null;
  list(collection: Things, query: ListQuery, nowMs: number): Listed<ThingView>;
}

/** Candidates folded for one page of the past; a page that is not full by then is handed out as it is. */
const foldedForPage = 250;

export function createThingReader(
  database: DatabaseSync,
  facts: StoredFacts,
  cuts: Cuts,
  sources: Sources,
  names: Names,
  logger?: Logger,
): ThingReader {
  const finder = createThingFinder(database, facts);
  const columns = "view, etag, overdue_from, presumed_from, waiting_from";
  const byPosition = database.prepare(
    `SELECT ${columns} FROM things JOIN thing_views USING (position) WHERE things.position = ?`,
  );
  const bySubject = database.prepare(
    `SELECT ${columns} FROM things JOIN thing_views USING (position) WHERE subject = ? AND kind = ?`,
  );

  const shown = ({ view, etag, ...row }: Row, nowMs: number): ThingView =>
    timed({ ...(JSON.parse(names.fill(view)) as ThingView), etag }, row, nowMs);

  const one: ThingReader["one"] = (collection, ref, at, nowMs) => {
    if (at !== null) return thingAt(kindOf[collection], ref, readingAt(at))?.view ?? null;
    const subject = facts.subjectNumber(ref);
    if (subject === undefined) return null;
    const row = bySubject.get(subject, kindNumbers[kindOf[collection]]) as Row | undefined;
    return row === undefined ? null : shown(row, nowMs);
  };

  const list: ThingReader["list"] = (collection, query, nowMs) => {
    if (query.at !== null) return listAt(collection, query, query.at);
    const { at: _, after, limit, ...filter } = query;
    const found = finder.find(kindOf[collection], filter, { after, limit: limit + 1, nowMs });
    const page = found.slice(0, limit);
    return {
      items: page.map(({ position }) => shown(byPosition.get(position) as Row, nowMs)),
      next: found.length > limit ? (page.at(-1)?.position ?? null) : null,
    };
  };

  const readingAt = (at: Moment): Reading => openReading(sources, cuts.asOf(at), at.atMs, false);
  /** One thing that cannot be told must not hide the others. */
  const thingAt = (kind: Kind, ref: Ref, reading: Reading): Thing | null => {
    try {
      return thingOf(kind, ref, reading);
    } catch (err) {
      logger?.error({ event: "reads.thing-failed", kind, id: ref, err });
      return null;
    }
  };

  /** What never changes narrows the candidates; the rest is asked of each as it stood. */
  const listAt = (collection: Things, query: ListQuery, at: Moment): Listed<ThingView> => {
    const kind = kindOf[collection];
    const reading = readingAt(at);
    const { externalId, partner, initiative, text, limit } = query;
    const lasting = present({ externalId, partner, initiative, text });
    const items: ThingView[] = [];
    let { after } = query;
    for (let folded = 0; folded < foldedForPage; ) {
      const page = { after, limit: Math.min(limit + 1, foldedForPage - folded), nowMs: at.atMs };
      const found: readonly FoundThing[] = finder.find(kind, lasting, page, at);
      for (const { position, subject } of found) {
        const thing = thingAt(kind, facts.subjectRef(subject), reading);
        folded += 1;
        if (thing !== null && fits(thing, query, at.atMs)) {
          if (items.length === limit) return { items, next: after };
          items.push(thing.view);
        }
        after = position;
      }
      if (found.length < page.limit) return { items, next: null };
    }
    return { items, next: after };
  };

  return { one, list };
}

/** A stored view, with what depends on the clock as it is now. */
function timed(view: ThingView, row: Omit<Row, "view" | "etag">, nowMs: number): ThingView {
  const isReached = (from: number | null): boolean => from !== null && nowMs >= from;
  if ("overdue" in view)
    return { ...view, overdue: isReached(row.overdue_from), presumed: isReached(row.presumed_from) };
  if ("handoffs" in view) return handoffsAt(view, nowMs);
  return "waiting" in view ? { ...view, waiting: isReached(row.waiting_from) } : view;
}

function fits(thing: Thing, filter: ThingFilter, atMs: number): boolean {
  const { state, dueBefore, dueAfter, overdue } = filter;
  const { due } = thing;
  if (state !== undefined && thing.state !== state) return false;
  if (dueBefore !== undefined && (due === null || due >= dueBefore)) return false;
  if (dueAfter !== undefined && (due === null || due <= dueAfter)) return false;
  const isOverdue = thing.overdueFrom !== null && atMs >= thing.overdueFrom;
  return overdue === undefined || overdue === isOverdue;
}

/** The members that have a value. */
const present = (
  filter: { readonly [Name in keyof ThingFilter]: ThingFilter[Name] | undefined },
): ThingFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as ThingFilter;
