/** Pages of things and single things: from their rows now, folded as they stood at any other moment. */
import type { DatabaseSync } from "node:sqlite";
import type { Collection } from "@handfast/api/verbs";
import type { ConversationView, LinkedConversations, ThreadView } from "@handfast/api/views/conversation";
import type { Logger } from "@handfast/bus/logger";
import type { Moment } from "@handfast/domain/facts";
import type { Hash, PartnerId, Ref } from "@handfast/protocol/ids";
import type { Cuts } from "./cuts.ts";
import { createThingFinder, type FoundThing, type ThingFilter } from "./find-things.ts";
import type { Names } from "./names.ts";
import type { Listed, ListQuery } from "./reads.ts";
import { kindNumbers } from "./schema.ts";
import type { Kind, StoredFacts } from "./stored-facts.ts";
import { type Thing, type ThingView, thingOf } from "./thing.ts";
import { threadView, titleIn } from "./views/conversation.ts";
import { handoffsAt } from "./views/initiative.ts";
import { openReading, type Reading, type Sources } from "./views/reading.ts";

type Things = Exclude<Collection, "partners">;

export const kindOf = {
  initiatives: "initiative",
  challenges: "challenge",
  commitments: "commitment",
  conversations: "conversation",
} as const satisfies Record<Things, Kind>;

type Row = {
  readonly view: string;
  /** Moves with every entry, which the view beside it need not do. */
  readonly etag: Hash;
  readonly overdue_from: number | null;
  readonly presumed_from: number | null;
  readonly waiting_from: number | null;
};

/** As readers see it. */
export type ShownThing =
  | ThingView
  | (Exclude<ThingView, ConversationView> & { readonly conversations: LinkedConversations });
type TalkRow = { readonly id: Ref; readonly title: string | null; readonly by: PartnerId };
/** On a thing's own page. */
const linkedConversations = 20;
/** Conversations folded for a thing of the past. */
const foldedForTalk = 40;

export interface ThingReader {
  one(collection: Things, ref: Ref, at: Moment | null, nowMs: number): ShownThing | null;
  list(collection: Things, query: ListQuery, nowMs: number): Listed<ShownThing>;
  /** A conversation with all that was said in it. */
  thread(ref: Ref, at: Moment | null): ThreadView | null;
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
  const finder = createThingFinder(database, facts, sources.self);
  const columns = "view, etag, overdue_from, presumed_from, waiting_from";
  const byPosition = database.prepare(
    `SELECT ${columns} FROM things JOIN thing_views USING (position) WHERE things.position = ?`,
  );
  const bySubject = database.prepare(
    `SELECT ${columns} FROM things JOIN thing_views USING (position) WHERE subject = ? AND kind = ?`,
  );

  const talkAbout = database.prepare(
    `SELECT subjects.ref AS id, title, partners.id AS by FROM talk JOIN things ON things.position = talk.created
       JOIN facts ON facts.position = talk.created JOIN partners ON partners.number = facts.by
       JOIN subjects ON subjects.number = things.subject
     WHERE named = ? ORDER BY talk.created DESC LIMIT ?`,
  );
  const talkOf = (thing: Ref, limit: number): readonly TalkRow[] => {
    const subject = facts.subjectNumber(thing);
    return subject === undefined ? [] : (talkAbout.all(subject, limit) as TalkRow[]);
  };
  /** A thing with the conversations about it, which come and go without it. */
  const talked = (view: ThingView): ShownThing =>
    "openQuestions" in view
      ? view
      : {
          ...view,
          conversations: talkOf(view.id, linkedConversations).map(({ by, ...row }) => ({
            ...row,
            by: names.named(by),
          })),
        };
  /** The same as it stood: what led to the thing by then is asked of the newest that do now. */
  const talkedAt = (view: ThingView, reading: Reading): ShownThing => {
    if ("openQuestions" in view) return view;
    const found = talkOf(view.id, foldedForTalk).flatMap(({ id }) => reading.cut.conversation(id) ?? []);
    const conversations = found
      .filter(
        ({ about, promotions }) =>
          about?.ref === view.id || promotions.some(({ into }) => into.ref === view.id),
      )
      .slice(0, linkedConversations)
      .map((one) => ({ id: one.ref, title: titleIn(one, reading), by: reading.named(one.by) }));
    return { ...view, conversations };
  };
  const shown = ({ view, etag, ...row }: Row, nowMs: number): ShownThing =>
    talked(timed({ ...(JSON.parse(names.fill(view)) as ThingView), etag }, row, nowMs));

  const one: ThingReader["one"] = (collection, ref, at, nowMs) => {
    if (at !== null) {
      const reading = readingAt(at);
      const thing = thingAt(kindOf[collection], ref, reading);
      return thing === null ? null : talkedAt(thing.view, reading);
    }
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
  const listAt = (collection: Things, query: ListQuery, at: Moment): Listed<ShownThing> => {
    const kind = kindOf[collection];
    const reading = readingAt(at);
    const { externalId, partner, initiative, about, text, limit } = query;
    const lasting = present({ externalId, partner, initiative, about, text });
    const items: ShownThing[] = [];
    let { after } = query;
    for (let folded = 0; folded < foldedForPage; ) {
      const page = { after, limit: Math.min(limit + 1, foldedForPage - folded), nowMs: at.atMs };
      const found: readonly FoundThing[] = finder.find(kind, lasting, page, at);
      for (const { position, subject } of found) {
        const thing = thingAt(kind, facts.subjectRef(subject), reading);
        folded += 1;
        if (thing !== null && fits(thing, query, at.atMs)) {
          if (items.length === limit) return { items, next: after };
          items.push(talkedAt(thing.view, reading));
        }
        after = position;
      }
      if (found.length < page.limit) return { items, next: null };
    }
    return { items, next: after };
  };

  const thread: ThingReader["thread"] = (ref, at) => {
    // Folded anew: who only reads is not told of what arrives.
    const moment = at ?? { atMs: Number.MAX_SAFE_INTEGER, timeline: "recorded" };
    const reading = openReading(sources, cuts.asOf(moment), moment.atMs, at === null);
    const conversation = reading.cut.conversation(ref);
    return conversation === null ? null : threadView(conversation, reading);
  };

  return { one, list, thread };
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
  const { state, dueBefore, dueAfter, overdue, waiting } = filter;
  const { due } = thing;
  if (waiting === "for-others" && thing.waitingFrom === null) return false;
  if (waiting === "for-you" && !("yourMoves" in thing.view && thing.view.yourMoves.length > 0)) return false;
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
