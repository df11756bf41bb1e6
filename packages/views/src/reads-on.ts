/** Everything readers may ask, answered on one connection: the writer's own, or one that only reads. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Collection } from "@handfast/api/verbs";
import type { ThreadView } from "@handfast/api/views/conversation";
import type { PartnerView } from "@handfast/api/views/partner";
import type { Logger } from "@handfast/bus/logger";
import { compareText } from "@handfast/domain/fact";
import type { Moment } from "@handfast/domain/facts";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { etagOf } from "@handfast/replica/heads";
import type { Cuts } from "./cuts.ts";
import type { Names } from "./names.ts";
import { createEventReader } from "./read-events.ts";
import { createThingReader } from "./read-things.ts";
import type { Candidate, Listed, ListQuery, Move, Reads, ViewOf } from "./reads.ts";
import { kindNumbers } from "./schema.ts";
import type { StoredFacts } from "./stored-facts.ts";
import { membershipFor, partnerOf, partnerView } from "./views/partner.ts";
import { openReading, type Reading, type Sources } from "./views/reading.ts";

export type ReadSource = {
  readonly database: DatabaseSync;
  readonly facts: StoredFacts;
  readonly cuts: Cuts;
  readonly sources: Sources;
  readonly names: Names;
  readonly logger?: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** Questions answered from the file alone. */
export type FileReads = {
  readonly position: number;
  readonly entries: number;
  readonly quarantined: number;
  list<C extends Collection>(collection: C, query: ListQuery): Listed<ViewOf[C]>;
  one<C extends Collection>(collection: C, id: string, at: Moment | null): ViewOf[C] | null;
  thread(id: Ref, at: Moment | null): ThreadView | null;
  events(query: Parameters<Reads["events"]>[0]): Awaited<ReturnType<Reads["events"]>>;
  withExternalId(externalId: string): readonly Candidate[];
  movesOf(partner: PartnerId, limit: number): readonly Move[];
  partnerOf: Reads["partnerOf"];
  membershipFor: Reads["membershipFor"];
};

const collectionOf = {
  [kindNumbers.initiative]: "initiatives",
  [kindNumbers.challenge]: "challenges",
  [kindNumbers.commitment]: "commitments",
  [kindNumbers.conversation]: "conversations",
} as const;

type CandidateRow = {
  readonly kind: keyof typeof collectionOf;
  readonly ref: string;
  readonly title: string | null;
  readonly state: string;
};
type MoveRow = Partial<CandidateRow> & {
  readonly thing: number;
  readonly party: string | null;
  readonly verb: string;
  readonly by: string | null;
  readonly about: string | null;
};

/** More things than this share an external id only by mistake. */
const mostCandidates = 32;

export function createFileReads({
  database,
  facts,
  cuts,
  sources,
  names,
  logger,
  now,
}: ReadSource): FileReads {
  const cursor = database.prepare("SELECT position, entries, quarantined FROM cursor");
  const readCursor = () => cursor.get() as { position: number; entries: number; quarantined: number };
  const things = createThingReader(database, facts, cuts, sources, names, logger);
  const events = createEventReader(database, facts, cuts, sources);
  const members = database.prepare(
    "SELECT place, view FROM members WHERE place > ? AND view IS NOT NULL ORDER BY place LIMIT ?",
  );
  const member = database.prepare("SELECT view FROM members JOIN partners ON number = partner WHERE id = ?");
  const candidates = database.prepare(
    `SELECT things.kind AS kind, ref, title, state FROM things JOIN subjects ON number = subject
     WHERE external_id = ? ORDER BY position LIMIT ${mostCandidates}`,
  );
  const movesWhere = (condition: string) =>
    database.prepare(
      `SELECT thing, partners.id AS party, verb, moves.by AS by, moves.ref AS about, things.kind AS kind, subjects.ref AS ref, title, state
       FROM moves LEFT JOIN partners ON partners.number = party LEFT JOIN things ON things.position = thing
       LEFT JOIN subjects ON subjects.number = things.subject
       WHERE party = ? AND ${condition} ORDER BY moves.by, thing LIMIT ?`,
    );
  const datedMoves = movesWhere("moves.by IS NOT NULL");
  const otherMoves = movesWhere("moves.by IS NULL");
  const movesOf = (partner: PartnerId, limit: number): readonly MoveRow[] => {
    const parties = [0, facts.numbers.partners.of(partner) ?? -1];
    const read = (statement: StatementSync): MoveRow[] =>
      parties.flatMap((party) => statement.all(party, limit) as MoveRow[]);
    const dated = read(datedMoves).sort((a, b) => compareText(a.by ?? "", b.by ?? "") || a.thing - b.thing);
    return [...dated, ...(dated.length < limit ? read(otherMoves) : [])].slice(0, limit);
  };

  /** All questions of one answer see the same state of the file. */
  const inSnapshot = <Answer>(answer: () => Answer): Answer => {
    if (database.isTransaction) return answer();
    database.exec("BEGIN");
    try {
      return answer();
    } finally {
      database.exec("COMMIT");
    }
  };
  const readingAt = (at: Moment | null): Reading =>
    openReading(sources, at === null ? cuts.now : cuts.asOf(at), at?.atMs ?? now(), at === null);

  const filled = (text: string): PartnerView => JSON.parse(text) as PartnerView;
  const revised = (text: string, etag: string): PartnerView => ({
    ...filled(text),
    etag,
  });
  const networkEtag = (): string => etagOf(facts.headsOf(facts.network));
  const listPartners = ({ at, after, limit }: ListQuery): Listed<PartnerView> => {
    const reading = at === null ? null : readingAt(at);
    const rows = members.all(after, reading === null ? limit + 1 : -1) as { place: number; view: string }[];
    const etag = networkEtag();
    const views = rows.flatMap(({ place, view: text }) => {
      const view = reading === null ? revised(text, etag) : partnerView(filled(text).id, reading);
      return view === null ? [] : [{ place, view }];
    });
    const page = views.slice(0, limit);
    return {
      items: page.map(({ view }) => view),
      next: views.length > limit ? (page.at(-1)?.place ?? null) : null,
    };
  };
  const onePartner = (id: PartnerId, at: Moment | null): PartnerView | null => {
    if (at !== null) return partnerView(id, readingAt(at));
    const row = member.get(id) as { view: string | null } | undefined;
    return row?.view == null ? null : revised(row.view, networkEtag());
  };
  const candidate = ({ kind, ref, title, state }: CandidateRow): Candidate => ({
    collection: collectionOf[kind],
    id: ref,
    title,
    state,
  });

  return {
    get position() {
      return readCursor().position;
    },
    get entries() {
      return readCursor().entries;
    },
    get quarantined() {
      return readCursor().quarantined;
    },
    list: <C extends Collection>(collection: C, query: ListQuery) =>
      inSnapshot(() =>
        collection === "partners" ? listPartners(query) : things.list(collection, query, now()),
      ) as unknown as Listed<ViewOf[C]>,
    one: <C extends Collection>(collection: C, id: string, at: Moment | null) =>
      inSnapshot(() =>
        collection === "partners" ? onePartner(id, at) : things.one(collection, id, at, now()),
      ) as ViewOf[C] | null,
    thread: (id, at) => inSnapshot(() => things.thread(id, at)),
    events: (query) => inSnapshot(() => events(query, readCursor().position)),
    withExternalId: (externalId) =>
      inSnapshot(() => (candidates.all(externalId) as CandidateRow[]).map(candidate)),
    movesOf: (partner, limit) =>
      inSnapshot(() =>
        movesOf(partner, limit).map(({ thing, party, verb, by, about, ...row }) => ({
          party,
          verb,
          by,
          ref: about,
          thing: thing === 0 ? null : { ...candidate(row as CandidateRow), position: thing },
        })),
      ),
    partnerOf: (membership) => inSnapshot(() => partnerOf(membership, readingAt(null))),
    membershipFor: (id, verb) => inSnapshot(() => membershipFor(id, verb, readingAt(null))),
  };
}
