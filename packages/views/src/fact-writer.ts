/** Storing entries as the ledger hands them out: in order of arrival, each after everything in its past. */
import type { DatabaseSync } from "node:sqlite";
import type { LedgerEntry } from "@handfast/api/messages/ledger";
import { citedBy, partnersIn } from "@handfast/domain/citations";
import { doubtRaisedBy, type Fact } from "@handfast/domain/fact";
import { createdBy } from "@handfast/domain/kind";
import { toFact } from "@handfast/domain/to-fact";
import { fromB64u } from "@handfast/protocol/bytes";
import { readEvent } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import { type Ref, splitRef, unpin } from "@handfast/protocol/ids";
import { createLru } from "./lru.ts";
import { kindNumbers } from "./schema.ts";
import { type StoredFacts, toldAs } from "./stored-facts.ts";

export type TakenEntry = {
  readonly position: number;
  readonly fact: Fact;
  /** Null: it has no texts. */
  readonly payloadBytes: number | null;
  /** The number of its subject. */
  readonly subject: number;
  /** Whether nothing else is stored of its subject. */
  readonly isFirst: boolean;
};

export interface FactWriter {
  /**
   * Stores one entry.
   *
   * @throws {Error} Before anything is written, when the entry cannot be read: a bug, since the ledger has verified it.
   */
  add(entry: LedgerEntry): TakenEntry;
  /** Writes what is kept back until the end of a transaction. */
  flush(): void;
  reload(): void;
}

type Subject = { readonly number: number; heads: readonly Ref[] };

/** @param isByMember Whether an entry is a head of its subject: everything in its past was taken before. */
export function createFactWriter(
  database: DatabaseSync,
  facts: StoredFacts,
  isByMember: (fact: Fact) => boolean,
): FactWriter {
  const { logs, partners, types } = facts.numbers;
  const subjects = createLru<string, Subject>(8_192);
  /** Subjects whose heads are newer than the file says. */
  const moved = new Map<number, readonly Ref[]>();
  /** Pairs of a partner and a subject that are stored. */
  const involved = createLru<string, true>(16_384);

  const findSubject = database.prepare("SELECT number, heads FROM subjects WHERE ref = ?");
  const insertSubject = database.prepare(
    "INSERT INTO subjects (ref, kind, created, at, heads) VALUES (?, ?, ?, ?, ?)",
  );
  const setCreated = database.prepare("UPDATE subjects SET kind = ?, created = ?, at = ? WHERE number = ?");
  const setHeads = database.prepare("UPDATE subjects SET heads = ? WHERE number = ?");
  const insertFact = database.prepare(
    `INSERT INTO facts (position, log, seq, by, at, counter, occurred_at, type, subject, names, past, told, payload_bytes, hash, x, placed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertCitation = database.prepare(
    "INSERT INTO cites (log, seq, citing) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );

  const linkSubjects = database.prepare(
    "INSERT INTO citing_subjects (cited, citing) VALUES (?, ?) ON CONFLICT DO NOTHING",
  );
  const awaitCited = database.prepare(
    "INSERT INTO awaited_citations (log, seq, citing) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const readAwaited = database.prepare("SELECT citing FROM awaited_citations WHERE log = ? AND seq = ?");
  const insertInvolved = database.prepare(
    "INSERT INTO involving (partner, subject) VALUES (?, ?) ON CONFLICT DO NOTHING",
  );
  const insertConcern = database.prepare(
    "INSERT INTO concerning (named, created) VALUES (?, ?) ON CONFLICT DO NOTHING",
  );

  const subjectOf = (ref: string): Subject | null => {
    const known = subjects.get(ref);
    if (known !== undefined) return known;
    const row = findSubject.get(ref) as { number: number; heads: string } | undefined;
    if (row === undefined) return null;
    const heads = moved.get(row.number) ?? (JSON.parse(row.heads) as Ref[]);
    const subject = { number: row.number, heads };
    subjects.set(ref, subject);
    return subject;
  };
  /** Adds an entry to its subject, which is new where nothing was said of it before. */
  const extendSubject = (
    fact: Fact,
    position: number,
  ): { readonly number: number; readonly isFirst: boolean } => {
    const kind = fact.subject === fact.ref ? createdBy(fact) : null;
    const creation = kind === null ? [null, null, null] : [kindNumbers[kind], position, fact.at[0]];
    const subject = subjectOf(fact.subject);
    if (subject === null) {
      const heads = isByMember(fact) ? [fact.ref] : [];
      const added = insertSubject.run(fact.subject, ...creation, JSON.stringify(heads));
      const number = Number(added.lastInsertRowid);
      subjects.set(fact.subject, { number, heads });
      return { number, isFirst: true };
    }
    if (kind !== null) setCreated.run(...creation, subject.number);
    if (isByMember(fact)) {
      subject.heads = [...subject.heads.filter((head) => !isIn(fact, head)), fact.ref];
      moved.set(subject.number, subject.heads);
    }
    return { number: subject.number, isFirst: false };
  };
  const link = (cited: number, citing: number): void => {
    if (cited !== citing) linkSubjects.run(cited, citing);
  };
  const cite = (fact: Fact, subject: number): void => {
    for (const cited of new Set(citedBy(fact).map(unpin))) {
      // Most entries name others of their own subject.
      if (cited === fact.subject) continue;
      const found = facts.fact(cited);
      if (found?.subject === fact.subject) continue;
      const place = splitRef(cited);
      insertCitation.run(logs.intern(place.log), place.seq, subject);
      if (found === undefined) awaitCited.run(logs.intern(place.log), place.seq, subject);
      else link(facts.subjectNumber(found.subject) as number, subject);
    }
  };

  const involve = (partner: number, subject: number): void => {
    const pair = `${partner} ${subject}`;
    if (involved.get(pair) === true) return;
    involved.set(pair, true);
    insertInvolved.run(partner, subject);
  };
  const concern = (named: Ref, created: number): void => {
    // What is not here yet is not in its past, and it then has no effect.
    const number = facts.subjectNumber(named);
    if (number !== undefined) insertConcern.run(number, created);
  };

  const add = (entryOfLedger: LedgerEntry): TakenEntry => {
    const { position, header: text, hash, past: learned, line: branch, names, fork } = entryOfLedger;
    const header = JSON.parse(text) as Header;
    const line = branch ?? header.log;
    const isPlaced = branch !== undefined || names !== undefined || fork !== undefined;
    const placed = { ...(branch === undefined ? {} : { line: branch, of: header.log }), names, fork };
    const told = readEvent(header);
    const hashBytes = fromB64u(hash);
    if (hashBytes === null) throw new Error(`${hash} is not a hash`);
    const occurredAt = header.x["occurredAt"];

    const log = logs.intern(line);
    const past = facts.pasts.add(log, learned);
    const known = facts.pasts.of(past);
    const fact = toFact(
      header,
      hash,
      (other) => (other === line ? header.seq - 1 : (known.get(other) ?? -1)),
      told,
      placed,
    );
    const { number: subject, isFirst } = extendSubject(fact, position);
    const { at, seq } = header;
    insertFact.run(
      position,
      log,
      seq,
      partners.intern(fact.by),
      at[0],
      at[1],
      typeof occurredAt === "number" && told.ok ? occurredAt : null,
      types.intern(header.type),
      subject,
      fact.names === fact.subject ? "=" : fact.names,
      past,
      toldCode(told, header.x),
      header.payload?.size ?? null,
      hashBytes,
      JSON.stringify(header.x),
      isPlaced ? JSON.stringify(placed) : null,
    );
    const doubt = isPlaced ? doubtRaisedBy(fact) : null;
    if (doubt !== null) facts.doubt(doubt);
    const payloadBytes = header.payload?.size ?? null;
    const entry = {
      position,
      fact,
      type: header.type,
      x: header.x,
      occurredAt: typeof occurredAt === "number" ? occurredAt : null,
      payloadBytes,
    };
    facts.keep(entry, subject);
    cite(fact, subject);
    if (fact.subject !== facts.network)
      for (const partner of partnersIn(fact)) involve(partners.intern(partner), subject);
    if (fact.subject === fact.ref && createdBy(fact) === "commitment")
      for (const named of namedBy(fact)) concern(named, position);
    for (const { citing } of readAwaited.all(log, seq) as { citing: number }[]) link(subject, citing);
    return { position, fact, payloadBytes, subject, isFirst };
  };

  return {
    add,
    flush: () => {
      for (const [number, heads] of moved) setHeads.run(JSON.stringify(heads), number);
      moved.clear();
      facts.pasts.flush();
    },
    reload: () => {
      subjects.clear();
      moved.clear();
      involved.clear();
    },
  };
}

/** What a commitment says that it is for, made as the lead of, or come from. */
function namedBy({ told }: Fact): readonly Ref[] {
  if (!told.ok || !("beneficiaries" in told.event.x)) return [];
  const { x } = told.event;
  return [
    ...(x.beneficiaries ?? []).filter((beneficiary) => beneficiary.includes(".")),
    ...("seat" in x && x.seat !== undefined ? [x.seat.initiative] : []),
    ...("origin" in x && x.origin !== undefined ? [x.origin] : []),
  ];
}

/** Whether an entry is in the past of a fact. */
function isIn(fact: Fact, ref: Ref): boolean {
  const { log, seq } = splitRef(ref);
  return fact.past(log) >= seq;
}

function toldCode(told: Fact["told"], x: Header["x"]): number {
  if (!told.ok) return toldAs[told.reason];
  const said: { readonly [member: string]: unknown } = told.event.x;
  return Object.keys(x).every((member) => Object.hasOwn(said, member)) ? toldAs.plain : toldAs.more;
}
