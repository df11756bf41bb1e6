/**
 * The file as its one writer uses it: entries go in, page by page, and every row that follows from them is brought up to
 * date before a transaction ends. Synchronous, and without any knowledge of where entries come from.
 */
import type { DatabaseSync } from "node:sqlite";
import type { LedgerEntry, PayloadAnswer } from "@handfast/api/messages/ledger";
import type { Logger } from "@handfast/bus/logger";
import { fromB64u, toB64u } from "@handfast/protocol/bytes";
import type { Json } from "@handfast/protocol/canonical";
import type { Hash, Ref } from "@handfast/protocol/ids";
import { type Cuts, openCuts } from "./cuts.ts";
import { createFactWriter, type TakenEntry } from "./fact-writer.ts";
import { createMemberWriter } from "./member-writer.ts";
import { type Names, openNames } from "./names.ts";
import type { Owner } from "./open-file.ts";
import { openStoredFacts, type StoredFacts } from "./stored-facts.ts";
import { createTextWriter, openStoredTexts, type StoredTexts } from "./texts.ts";
import { createThingWriter } from "./thing-writer.ts";
import type { Sources } from "./views/reading.ts";

/** What was written in an entry: as the ledger answers, or as this node's own partner has just written it. */
export type Written = PayloadAnswer | { readonly json: { readonly [member: string]: Json } };

export interface Store {
  readonly facts: StoredFacts;
  readonly cuts: Cuts;
  readonly texts: StoredTexts;
  readonly sources: Sources;
  readonly names: Names;
  /** How far entries were taken, those of an open transaction included. */
  readonly position: number;
  /** How far they were taken for good. */
  readonly saved: number;
  /** Entries of the open transaction. */
  readonly unsaved: number;
  /** The ledger's head when it was last asked. */
  readonly head: number;
  /** Whether the views were ever as far as the ledger was then. */
  readonly isComplete: boolean;
  readonly entries: number;
  readonly quarantined: number;
  /** The leaf hash of the newest entry; null where there is none. */
  readonly newestHash: Hash | null;

  /** Takes a page, in order of position; what was taken before is passed over. Opens a transaction where none is open. */
  take(
    page: { readonly entries: readonly LedgerEntry[]; readonly head: number },
    written: ReadonlyMap<Ref, Written>,
  ): void;
  /** Texts that may come, after a position, oldest first. */
  awaitedTexts(after: number, limit: number): readonly { readonly position: number; readonly ref: Ref }[];
  /** Takes texts of entries that are here. True: something changed. */
  takeTexts(answers: readonly PayloadAnswer[]): boolean;
  /** Brings at most so many subjects up to date; false when none is left. */
  refresh(limit: number): boolean;
  /** Brings the rest up to date and ends the transaction. Answers the subjects that got entries in it. */
  save(): ReadonlySet<string>;
  rollBack(): void;
  /** What a reader is told while the views are not complete. */
  noteProgress(text: string): void;
}

type CursorRow = {
  readonly position: number;
  readonly hash: Uint8Array | null;
  readonly entries: number;
  readonly quarantined: number;
  readonly head: number;
  readonly complete: number;
};

/** @param keptEntries Entries of folds that stay in memory, where not the default. */
export function openStore(
  database: DatabaseSync,
  owner: Owner,
  logger?: Logger,
  keptEntries?: number,
): Store {
  const { net: network, self, charter } = owner;
  const facts = openStoredFacts(database, { network, charter });
  const cuts = openCuts(facts, keptEntries);
  const texts = openStoredTexts(database, facts);
  const names = openNames(database, facts.numbers.partners);
  const sources: Sources = {
    self,
    charter,
    named: names.named,
    textOf: texts.of,
    headsOf: facts.headsOf,
    citingEntry: facts.citingEntry,
  };
  const factWriter = createFactWriter(database, facts, (fact) => cuts.now.membership.isByMember(fact));
  const textWriter = createTextWriter(database, facts);
  const things = createThingWriter(database, facts, cuts, sources, names);
  const members = createMemberWriter(database, facts, cuts, sources, names, things);

  const readCursor = database.prepare(
    "SELECT position, hash, entries, quarantined, head, complete FROM cursor",
  );
  const writeCursor = database.prepare(
    "UPDATE cursor SET position = ?, hash = ?, entries = ?, quarantined = ?, head = ?, complete = ?, progress = ?",
  );
  const loadCursor = () => {
    const { hash, ...row } = readCursor.get() as CursorRow;
    return { ...row, complete: row.complete === 1, hash: hash === null ? null : toB64u(hash) };
  };
  let cursor = loadCursor();
  let saved = cursor.position;
  let progress: string | null = null;
  /** By number: subjects whose rows are behind their entries, and whether their views show something else that changed. */
  const stale = new Map<number, boolean>();
  /** Subjects that got entries since the last commit. */
  let touched = new Set<string>();
  let isNetworkStale = false;

  const begin = (): void => {
    if (!database.isTransaction) database.exec("BEGIN IMMEDIATE");
  };
  const spoil = (subject: string, isViewStale = true): void => {
    const number = facts.subjectNumber(subject);
    if (number !== undefined) stale.set(number, isViewStale || stale.get(number) === true);
  };

  /** What an entry makes stale: subjects whose outcome it may change, and things that show what it begins. */
  const spoilBy = ({ fact, isFirst }: TakenEntry): void => {
    for (const subject of cuts.take(fact, isFirst)) spoil(subject, subject !== fact.subject);
    if (fact.subject === network) {
      isNetworkStale ||= cuts.now.verdictOf(fact.ref)?.effect !== "none";
      members.take(fact);
    }
    // A challenge shows the commitments that came of it.
    const origin = fact.told.ok && "origin" in fact.told.event.x ? fact.told.event.x.origin : undefined;
    const from = origin === undefined ? undefined : facts.fact(origin);
    if (from !== undefined) spoil(from.subject);
  };
  const write = (position: number, payloadBytes: number | null, written: Written | undefined): void => {
    if (payloadBytes === null) return;
    if (written !== undefined && "json" in written) textWriter.keepBody(position, written.json);
    else if (written === undefined || !textWriter.keep(position, written) || !("body" in written))
      textWriter.await(position);
  };
  const takeEntry = (entry: LedgerEntry, written: ReadonlyMap<Ref, Written>): void => {
    let taken: TakenEntry;
    try {
      taken = factWriter.add(entry);
    } catch (err) {
      if (isSqlite(err)) throw err;
      cursor = { ...cursor, quarantined: cursor.quarantined + 1 };
      logger?.error({ event: "views.entry-quarantined", position: entry.position, hash: entry.hash, err });
      return;
    }
    const { position, fact, payloadBytes } = taken;
    cursor.entries += 1;
    touched.add(fact.subject);
    write(position, payloadBytes, written.get(fact.ref));
    spoilBy(taken);
  };

  const refresh = (limit: number): boolean => {
    let left = limit;
    for (const [subject, isViewStale] of stale) {
      if (left-- === 0) return true;
      stale.delete(subject);
      things.refresh(subject, isViewStale);
    }
    return false;
  };

  return {
    facts,
    cuts,
    texts,
    sources,
    names,
    get position() {
      return cursor.position;
    },
    get saved() {
      return saved;
    },
    get unsaved() {
      return cursor.position - saved;
    },
    get head() {
      return cursor.head;
    },
    get isComplete() {
      return cursor.complete;
    },
    get entries() {
      return cursor.entries;
    },
    get quarantined() {
      return cursor.quarantined;
    },
    get newestHash() {
      return cursor.hash;
    },
    take: ({ entries, head }, written) => {
      begin();
      for (const entry of entries) {
        if (entry.position <= cursor.position) continue;
        takeEntry(entry, written);
        cursor.position = entry.position;
        cursor.hash = entry.hash;
      }
      cursor.head = Math.max(head, cursor.position);
      factWriter.flush();
    },
    awaitedTexts: textWriter.awaited,
    takeTexts: (answers) => {
      begin();
      let hasChanged = false;
      for (const answer of answers) {
        const entry = facts.entry(answer.ref);
        if (entry === undefined || entry.payloadBytes === null) continue;
        if (!textWriter.keep(entry.position, answer)) continue;
        hasChanged = true;
        // No view shows what an entry without effect says of its own subject.
        if (cuts.now.verdictOf(answer.ref)?.effect !== "none") spoil(entry.fact.subject);
        // Titles and words of offers are shown by what came of them, too.
        for (const subject of facts.citingEntry(answer.ref)) spoil(subject);
        for (const subject of isOffer(entry.type) ? facts.citing(entry.fact.subject) : []) spoil(subject);
      }
      return hasChanged;
    },
    refresh,
    save: () => {
      refresh(Number.POSITIVE_INFINITY);
      if (!database.isTransaction) return new Set();
      if (isNetworkStale) members.refresh();
      isNetworkStale = false;
      cursor.complete ||= cursor.position >= cursor.head;
      writeCursor.run(
        cursor.position,
        cursor.hash === null ? null : fromB64u(cursor.hash),
        cursor.entries,
        cursor.quarantined,
        cursor.head,
        cursor.complete ? 1 : 0,
        cursor.complete ? null : progress,
      );
      database.exec("COMMIT");
      saved = cursor.position;
      const subjects = touched;
      touched = new Set();
      return subjects;
    },
    rollBack: () => {
      if (database.isTransaction) database.exec("ROLLBACK");
      stale.clear();
      touched.clear();
      isNetworkStale = false;
      facts.reload();
      factWriter.reload();
      names.reload();
      cuts.forgetAll();
      cursor = loadCursor();
      saved = cursor.position;
    },
    noteProgress: (text) => {
      progress = text;
    },
  };
}

const isOffer = (type: string): boolean => type === "help.offered";

const isSqlite = (error: unknown): boolean => typeof (error as { errcode?: unknown })?.errcode === "number";
