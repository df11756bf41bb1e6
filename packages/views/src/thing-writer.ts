/**
 * Keeps the rows of things in step with their entries: verdicts, view, what lists filter by, and whose move it is. A
 * subject is refreshed once a transaction, whatever number of entries it got, and only what changed is written: an entry
 * without effect costs its verdict and a revision, however many entries its subject has.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Fact } from "@handfast/domain/fact";
import { createdBy } from "@handfast/domain/kind";
import type { Verdict } from "@handfast/domain/verdict";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { etagOf } from "@handfast/replica/heads";
import type { Cuts } from "./cuts.ts";
import type { Names } from "./names.ts";
import { kindNumbers } from "./schema.ts";
import type { StoredEntry, StoredFacts } from "./stored-facts.ts";
import { type Thing, thingOf } from "./thing.ts";
import { openReading, type Sources } from "./views/reading.ts";

export type MoveRow = {
  /** Null: anyone. */
  readonly party: PartnerId | null;
  readonly verb: string;
  readonly by: string | null;
  /** The offer, sponsorship or the like that it is about. */
  readonly ref: Ref | null;
};

export interface ThingWriter {
  /**
   * Brings the rows of one subject up to date.
   *
   * @param isViewStale Whether its view shows something that changed elsewhere: texts, or what came of its entries.
   */
  refresh(subject: number, isViewStale: boolean): void;
  setMoves(thing: number, moves: readonly MoveRow[]): void;
}

type Before = { readonly title: string | null };

export function createThingWriter(
  database: DatabaseSync,
  facts: StoredFacts,
  cuts: Cuts,
  sources: Sources,
  names: Names,
): ThingWriter {
  const { partners } = facts.numbers;
  const storing: Sources = { ...sources, named: names.stored };
  const standingOf = database.prepare(
    "SELECT position, effect FROM verdicts WHERE subject = ? AND effect != 'none'",
  );
  const putVerdict = database.prepare(
    `INSERT INTO verdicts (subject, position, effect, reason) VALUES (?, ?, ?, ?)
     ON CONFLICT (subject, position) DO UPDATE SET effect = excluded.effect, reason = excluded.reason`,
  );
  const dropVerdict = database.prepare("DELETE FROM verdicts WHERE subject = ? AND position = ?");
  const readBefore = database.prepare("SELECT title FROM things WHERE position = ?");
  const putThing = database.prepare(
    `INSERT INTO things (position, kind, subject, at, occurred_at, external_id, state, due, overdue_from, presumed_from,
       waiting_from, etag, title) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (position) DO UPDATE SET state = excluded.state, due = excluded.due,
       overdue_from = excluded.overdue_from, presumed_from = excluded.presumed_from,
       waiting_from = excluded.waiting_from, etag = excluded.etag, title = excluded.title`,
  );
  const setRevision = database.prepare("UPDATE things SET etag = ? WHERE position = ?");
  const putView = database.prepare(
    "INSERT INTO thing_views (position, view) VALUES (?, ?) ON CONFLICT (position) DO UPDATE SET view = excluded.view",
  );
  const addTitle = database.prepare("INSERT INTO titles (rowid, title) VALUES (?, ?)");
  const dropTitle = database.prepare("DELETE FROM titles WHERE rowid = ?");
  const addMove = database.prepare(
    "INSERT INTO moves (thing, number, party, verb, by, ref) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const dropMoves = database.prepare("DELETE FROM moves WHERE thing = ?");

  const addTalk = database.prepare("INSERT INTO talk (named, created) VALUES (?, ?) ON CONFLICT DO NOTHING");

  const setMoves = (thing: number, moves: readonly MoveRow[]): void => {
    dropMoves.run(thing);
    for (const [number, { party, verb, by, ref }] of moves.entries())
      addMove.run(thing, number, party === null ? 0 : partners.intern(party), verb, by, ref);
  };

  const writeVerdict = (subject: number, entry: StoredEntry | undefined): void => {
    if (entry === undefined) return;
    const { position, fact } = entry;
    const verdict = cuts.now.verdictOf(fact.ref);
    const effect = verdict?.effect ?? "none";
    if (effect === "effective") dropVerdict.run(subject, position);
    else putVerdict.run(subject, position, effect, reasonIn(verdict));
  };
  /** Of a subject that was folded anew. What was without effect stays so: the rest is compared. */
  const writeVerdicts = (subject: number, mayCount: readonly Fact[]): void => {
    const rows = standingOf.all(subject) as { position: number; effect: Verdict["effect"] }[];
    const before = new Map(rows.map(({ position, effect }) => [position, effect]));
    for (const { ref } of mayCount) {
      const effect = cuts.now.verdictOf(ref)?.effect ?? "none";
      if (effect === "effective" && before.size === 0) continue;
      const entry = facts.entry(ref);
      const was = before.get(entry?.position ?? -1) ?? "effective";
      if (effect === "none" || was !== effect) writeVerdict(subject, entry);
    }
  };

  const writeTitle = (position: number, title: string | null, before: string | null): void => {
    if (title === before) return;
    if (before !== null) dropTitle.run(position);
    if (title !== null) addTitle.run(position, title);
  };

  const writeThing = ({ position, fact }: StoredEntry, kind: number, subject: number, thing: Thing): void => {
    const { view, at, occurredAt, state, due } = thing;
    const before = readBefore.get(position) as Before | undefined;
    putThing.run(
      position,
      kind,
      subject,
      fact.at[0],
      occurredAt ?? at,
      view.externalId ?? null,
      state,
      due,
      thing.overdueFrom,
      thing.presumedFrom,
      thing.waitingFrom,
      view.etag,
      view.title,
    );
    putView.run(position, JSON.stringify(view));
    writeTitle(position, view.title, before?.title ?? null);

    if (before !== undefined || thing.moves.length > 0) setMoves(position, thing.moves);
    for (const one of thing.leadsTo) {
      const named = facts.subjectNumber(one);
      if (named !== undefined) addTalk.run(named, position);
    }
  };

  return {
    setMoves,
    refresh: (subject, isViewStale) => {
      const ref = facts.subjectRef(subject);
      const changes = cuts.changesOf(ref);
      if (changes === null) writeVerdicts(subject, cuts.mayCount(ref));
      else for (const one of changes.refs) writeVerdict(subject, facts.entry(one));
      const created = ref === facts.network ? undefined : facts.entry(ref);
      const kind = created === undefined || created.fact.subject !== ref ? null : createdBy(created.fact);
      if (created === undefined || kind === null) return;
      if (changes?.hasMoved === false && !isViewStale) {
        setRevision.run(etagOf(facts.headsOf(ref)), created.position);
        return;
      }

      // What depends on the clock is worked out by the reader of the row.
      const reading = openReading(storing, cuts.now, Number.NEGATIVE_INFINITY, true);
      const thing = thingOf(kind, ref, reading);
      if (thing !== null) writeThing(created, kindNumbers[kind], subject, thing);
    },
  };
}

const reasonIn = (verdict: Verdict | undefined): string | null =>
  verdict?.effect === "none" ? verdict.reason : null;
