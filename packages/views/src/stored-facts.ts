/**
 * The domain's facts, read from the file: what a fold asks for, and little else. A fact never changes once it is stored, so
 * those read lately stay in memory; lists of a subject grow and are read each time.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { compareFacts, type Fact } from "@handfast/domain/fact";
import type { Facts, Settled } from "@handfast/domain/facts";
import { type Placed, toldAsNamed } from "@handfast/domain/to-fact";
import { toB64u } from "@handfast/protocol/bytes";
import type { Charter } from "@handfast/protocol/charter";
import { type Event, type EventName, readEvent } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import { type LogId, type NetworkId, type PinnedRef, pin, type Ref, splitRef } from "@handfast/protocol/ids";
import type { ProvenFork } from "@handfast/protocol/log";
import type { Reason } from "@handfast/protocol/reasons";
import { createLru } from "./lru.ts";
import { createNumbers, type Numbers } from "./numbers.ts";
import { createPasts, type StoredPasts } from "./pasts.ts";
import { kindNumbers } from "./schema.ts";

export type Kind = keyof typeof kindNumbers;

/** How a fact's event is stored beside its `x`. */
export const toldAs = { plain: 0, more: 1, opaque: 2, malformed: 3 } as const;

/** A stored entry: the fact, and what only readers of the history ask. */
export type StoredEntry = {
  readonly position: number;
  readonly fact: Fact;
  readonly type: string;
  /** As its author wrote it. */
  readonly x: Header["x"];
  readonly occurredAt: number | null;
  /** Null: it has no texts. */
  readonly payloadBytes: number | null;
};

export interface StoredFacts extends Facts {
  /** For what is folded as it stands now: the past may have counted what has no effect now, and the other way around. */
  readonly stored: Settled;
  readonly numbers: { readonly logs: Numbers; readonly partners: Numbers; readonly types: Numbers };
  readonly pasts: StoredPasts;
  entry(ref: Ref): StoredEntry | undefined;
  entryAt(position: number): StoredEntry | undefined;
  /** The number of a subject; undefined where nothing names it as one. */
  subjectNumber(subject: string): number | undefined;
  subjectRef(number: number): string;
  /** Entries of the subject by members that are in the past of no other such entry, pinned, sorted by code units. */
  headsOf(subject: string): readonly PinnedRef[];
  /** Subjects with an entry that names this one. */
  citingEntry(ref: Ref): readonly string[];
  /** Keeps an entry that was just stored, and the number of its subject. */
  keep(entry: StoredEntry, subject: number): void;
  /** From rows of `facts` with all columns. */
  fromRow(row: FactRow): StoredEntry;
  /** Notes from where on a log is in doubt; only the smallest counts. */
  doubt(doubt: ProvenFork): void;
  /** Forgets what a transaction that was rolled back may have added. */
  reload(): void;
}

export type FactRow = {
  readonly position: number;
  readonly log: number;
  readonly seq: number;
  readonly by: number;
  readonly at: number;
  readonly counter: number;
  readonly occurred_at: number | null;
  readonly type: number;
  readonly subject: number;
  readonly names: string | null;
  readonly past: number;
  readonly told: number;
  readonly payload_bytes: number | null;
  readonly hash: Uint8Array;
  readonly x: string;
  readonly placed: string | null;
};

/** About a kilobyte each. As many as a large transaction takes, so that refreshing reads few of them back. */
const keptEntries = 16_384;

export function openStoredFacts(
  database: DatabaseSync,
  { network, charter }: { readonly network: NetworkId; readonly charter: Charter },
): StoredFacts {
  const logs = createNumbers(database, "logs", "log");
  const partners = createNumbers(database, "partners", "id");
  const types = createNumbers(database, "types", "type");
  const pasts = createPasts(database, logs);
  const kept = createLru<number, StoredEntry>(keptEntries);
  const positions = createLru<Ref, number>(keptEntries);
  const subjectNumbers = createLru<string, number>(keptEntries);
  const subjectRefs = createLru<number, string>(keptEntries);

  const byPosition = database.prepare("SELECT * FROM facts WHERE position = ?");
  const byPlace = database.prepare("SELECT * FROM facts WHERE log = ? AND seq = ?");
  const bySubject = database.prepare("SELECT * FROM facts WHERE subject = ? ORDER BY at");
  const mayCount = database.prepare(
    `SELECT * FROM facts WHERE subject = ?1 AND position NOT IN
       (SELECT position FROM verdicts WHERE subject = ?1 AND effect = 'none') ORDER BY at`,
  );
  const reasonOf = database.prepare(
    "SELECT reason FROM verdicts WHERE subject = ? AND position = ? AND effect = 'none'",
  );
  const hasFact = database.prepare("SELECT 1 FROM facts WHERE subject = ? LIMIT 1");
  const findSubject = database.prepare("SELECT number FROM subjects WHERE ref = ?");
  const readSubject = database.prepare("SELECT ref FROM subjects WHERE number = ?");
  const readHeads = database.prepare("SELECT heads FROM subjects WHERE ref = ?");
  const ofKind = database.prepare("SELECT created FROM subjects WHERE kind = ? ORDER BY at");
  const citing = database.prepare(
    "SELECT ref FROM citing_subjects JOIN subjects ON number = citing WHERE cited = ? ORDER BY ref",
  );
  const involving = database.prepare(
    "SELECT ref FROM involving JOIN subjects ON number = subject WHERE partner = ? ORDER BY ref",
  );
  const citingOne = database.prepare(
    "SELECT ref FROM cites JOIN subjects ON number = citing WHERE log = ? AND seq = ?",
  );

  // Read each time: it is asked seldom, and what the writer adds is seen at once.
  const readFork = database.prepare("SELECT start FROM forks WHERE log = ?");
  const setFork = database.prepare(
    `INSERT INTO forks (log, start) VALUES (?, ?)
     ON CONFLICT (log) DO UPDATE SET start = excluded.start WHERE excluded.start < start`,
  );

  const keep = (entry: StoredEntry): void => {
    kept.set(entry.position, entry);
    positions.set(entry.fact.ref, entry.position);
  };
  const fromRow = (row: FactRow): StoredEntry => {
    const known = kept.get(row.position);
    if (known !== undefined) return known;
    const entry = decoded(row);
    keep(entry);
    return entry;
  };
  /** Read in one go and not kept, so that a long list does not drive out what was read lately. */
  const listed = (statement: StatementSync, subject: string): readonly Fact[] => {
    const number = subjectNumber(subject);
    if (number === undefined) return [];
    const found: Fact[] = [];
    for (const row of statement.iterate(number)) {
      const { position } = row as FactRow;
      found.push((kept.get(position) ?? decoded(row as FactRow)).fact);
    }
    return found.sort(compareFacts);
  };
  const decoded = (row: FactRow): StoredEntry => {
    const log = logs.text(row.log);
    const type = types.text(row.type);
    const subject = subjectRef(row.subject);
    const names = row.names === "=" ? subject : row.names;
    const x = JSON.parse(row.x) as StoredEntry["x"];
    const { seq } = row;
    const known_ = pasts.of(row.past);
    return {
      position: row.position,
      type,
      x,
      occurredAt: row.occurred_at,
      payloadBytes: row.payload_bytes,
      fact: {
        ref: `${log}.${seq}`,
        hash: toB64u(row.hash),
        by: partners.text(row.by),
        log,
        seq,
        at: [row.at, row.counter],
        subject,
        names,
        told: toldOf(row.told, type, names, x),
        past: (other) => (other === log ? seq - 1 : (known_.get(other) ?? -1)),
        ...(row.placed === null ? {} : placedOf(row.placed, toldOf(row.told, type, names, x))),
      },
    };
  };
  const entryAt = (position: number): StoredEntry | undefined => {
    const known = kept.get(position);
    if (known !== undefined) return known;
    const row = byPosition.get(position) as FactRow | undefined;
    return row === undefined ? undefined : fromRow(row);
  };
  const entry = (ref: Ref): StoredEntry | undefined => {
    const position = positions.get(ref);
    if (position !== undefined) return entryAt(position);
    const place = splitRef(ref);
    const log = logs.of(place.log);
    const row = log === undefined ? undefined : (byPlace.get(log, place.seq) as FactRow | undefined);
    return row === undefined ? undefined : fromRow(row);
  };
  const subjectNumber = (subject: string): number | undefined => {
    const known = subjectNumbers.get(subject);
    if (known !== undefined) return known;
    const row = findSubject.get(subject) as { number: number } | undefined;
    if (row === undefined) return undefined;
    subjectNumbers.set(subject, row.number);
    return row.number;
  };
  const subjectRef = (number: number): string => {
    const known = subjectRefs.get(number);
    if (known !== undefined) return known;
    const row = readSubject.get(number) as { ref: string } | undefined;
    if (row === undefined) throw new Error(`no subject ${number} is stored`);
    subjectRefs.set(number, row.ref);
    return row.ref;
  };
  const pinned = (ref: Ref): PinnedRef => {
    const found = entry(ref);
    if (found === undefined) throw new Error(`the head ${ref} is not stored`);
    return pin(ref, found.fact.hash);
  };

  return {
    network,
    charter,
    numbers: { logs, partners, types },
    pasts,
    entry,
    entryAt,
    subjectNumber,
    subjectRef,
    fromRow,
    keep: (entry, subject) => {
      keep(entry);
      subjectNumbers.set(entry.fact.subject, subject);
      subjectRefs.set(subject, entry.fact.subject);
    },
    fact: (ref) => entry(ref)?.fact,
    factsOf: (subject) => listed(bySubject, subject),
    stored: {
      mayCount: (subject) => listed(mayCount, subject),
      reasonOf: (ref) => {
        const found = entry(ref);
        const number = found === undefined ? undefined : subjectNumber(found.fact.subject);
        if (found === undefined || number === undefined) return undefined;
        return (reasonOf.get(number, found.position) as { reason: Reason } | undefined)?.reason;
      },
    },
    has: (subject) => {
      const number = subjectNumber(subject);
      return number !== undefined && hasFact.get(number) !== undefined;
    },
    subjects: (kind) =>
      (ofKind.all(kindNumbers[kind]) as { created: number }[])
        .flatMap(({ created }) => entryAt(created)?.fact ?? [])
        .sort(compareFacts)
        .map(({ ref }) => ref),
    citing: (subject) => {
      const number = subjectNumber(subject);
      return number === undefined ? [] : (citing.all(number) as { ref: string }[]).map(({ ref }) => ref);
    },
    involving: (partner) => {
      const number = partners.of(partner);
      return number === undefined ? [] : (involving.all(number) as { ref: string }[]).map(({ ref }) => ref);
    },
    forkedFrom: (log) => (readFork.get(log) as { start: number } | undefined)?.start,
    doubt: ({ log, from }) => {
      setFork.run(log, from);
    },
    citingEntry: (ref) => {
      const place = splitRef(ref);
      const log = logs.of(place.log);
      if (log === undefined) return [];
      return (citingOne.all(log, place.seq) as { ref: string }[]).map((row) => row.ref);
    },
    headsOf: (subject) => {
      const row = readHeads.get(subject) as { heads: string } | undefined;
      return row === undefined ? [] : (JSON.parse(row.heads) as Ref[]).map(pinned).sort();
    },
    reload: () => {
      for (const numbers of [logs, partners, types]) numbers.reload();
      pasts.reload();
      for (const cache of [kept, positions, subjectNumbers, subjectRefs]) cache.clear();
    },
  };
}

/** What only entries among several histories have, as the ledger gave it. */
function placedOf(text: string, told: Fact["told"]): Partial<Fact> {
  const { of, names, fork } = JSON.parse(text) as Pick<Placed, "names" | "fork"> & { readonly of?: LogId };
  return {
    ...(of === undefined ? {} : { branchOf: of }),
    told: toldAsNamed(told, names),
    ...(fork === undefined ? {} : { proves: fork }),
  };
}

function toldOf(code: number, type: string, subject: Ref | null, x: StoredEntry["x"]): Fact["told"] {
  switch (code) {
    case toldAs.plain:
      return { ok: true, event: { type: type as EventName, x } as unknown as Event };
    case toldAs.opaque:
      return { ok: false, reason: "opaque" };
    case toldAs.malformed:
      return { ok: false, reason: "malformed" };
    default:
      // Members that its type does not know are the author's, and none of the event.
      return readEvent({ type, subject, x });
  }
}
