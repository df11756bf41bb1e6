/**
 * The tables of `views.db`. Everything here follows from the ledger, so a change of form is a new number and a new file:
 * nothing is ever migrated.
 *
 * Entries are named by their position in this node's order of arrival; logs, partners, types and subjects by small numbers.
 * That keeps the indexes narrow, and an index on anything lists its rows in order of arrival by itself.
 */

import type { Kind } from "@handfast/domain/kind";

/** Part of the file's name: a release with other tables builds its own file beside the old one. */
export const schemaVersion = 5;

/** Kinds of things, by the number they are stored as. */
export const kindNumbers = {
  initiative: 1,
  challenge: 2,
  commitment: 3,
  conversation: 4,
} as const satisfies Record<Kind, number>;

export const schema = `
-- How far the ledger was read, and the entry that stood there: a ledger that has another one is not the ledger that was read.
CREATE TABLE cursor (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  net TEXT NOT NULL,
  self TEXT NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB,
  entries INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  -- The ledger's head when it was last asked, and whether the views were ever there.
  head INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  -- Said of a rebuild: what is left, in words.
  progress TEXT
) STRICT;

-- By the name that is shown; null where the partner's log is not here.
CREATE TABLE partners (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT) STRICT;
CREATE TABLE logs (number INTEGER PRIMARY KEY, log TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE types (number INTEGER PRIMARY KEY, type TEXT NOT NULL UNIQUE) STRICT;

-- What an entry knows of other logs. Entries that learn nothing share the row of the entry before them in their log; a row
-- says what changed since its base, and now and then everything. Pairs of a log's number and a seq, as a JSON array.
CREATE TABLE pasts (id INTEGER PRIMARY KEY, base INTEGER, depth INTEGER NOT NULL, learned TEXT NOT NULL) STRICT;
CREATE TABLE newest_pasts (log INTEGER PRIMARY KEY, past INTEGER NOT NULL) STRICT;

-- A subject is named by the network's id or by the ref of the entry that created the thing, whether that is here or not.
CREATE TABLE subjects (
  number INTEGER PRIMARY KEY,
  ref TEXT NOT NULL UNIQUE,
  kind INTEGER,
  created INTEGER,
  at INTEGER,
  heads TEXT NOT NULL
) STRICT;
CREATE INDEX subjects_by_kind ON subjects (kind, at) WHERE kind IS NOT NULL;

CREATE TABLE facts (
  position INTEGER PRIMARY KEY,
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  by INTEGER NOT NULL,
  at INTEGER NOT NULL,
  counter INTEGER NOT NULL,
  occurred_at INTEGER,
  type INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  -- The header's own subject: null, the subject ('='), or a ref.
  names TEXT,
  past INTEGER NOT NULL,
  -- 0: x is what the event says; 1: it holds unknown members besides; 2: opaque; 3: malformed.
  told INTEGER NOT NULL,
  payload_bytes INTEGER,
  hash BLOB NOT NULL,
  x TEXT NOT NULL,
  -- Where it stands among several histories, as JSON; null for nearly all: its log has one, and it names no other.
  placed TEXT
) STRICT;
CREATE UNIQUE INDEX facts_by_place ON facts (log, seq);
CREATE INDEX facts_by_subject ON facts (subject, at);
CREATE INDEX facts_by_type ON facts (type);
CREATE INDEX facts_by_partner ON facts (by);

-- From which entry on logs are in doubt whose authors signed several histories.
CREATE TABLE forks (log TEXT PRIMARY KEY, start INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Which subject names which other one; and by which entry, also before that entry is here.
CREATE TABLE citing_subjects (cited INTEGER NOT NULL, citing INTEGER NOT NULL, PRIMARY KEY (cited, citing))
  STRICT, WITHOUT ROWID;
CREATE TABLE awaited_citations (log INTEGER NOT NULL, seq INTEGER NOT NULL, citing INTEGER NOT NULL,
  PRIMARY KEY (log, seq, citing)) STRICT, WITHOUT ROWID;
CREATE TABLE cites (log INTEGER NOT NULL, seq INTEGER NOT NULL, citing INTEGER NOT NULL, PRIMARY KEY (log, seq, citing))
  STRICT, WITHOUT ROWID;

-- Partners that wrote an entry of a subject or are named in one; and what an entry that creates a thing says it is for.
CREATE TABLE involving (partner INTEGER NOT NULL, subject INTEGER NOT NULL, PRIMARY KEY (partner, subject))
  STRICT, WITHOUT ROWID;
CREATE TABLE concerning (named INTEGER NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (named, created))
  STRICT, WITHOUT ROWID;

-- Things that conversations are about, and things that their texts became.
CREATE TABLE talk (named INTEGER NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (named, created))
  STRICT, WITHOUT ROWID;

-- Entries that do not simply count: crossed, set aside (quarantined, stranded), or without effect and why. All others are effective.
CREATE TABLE verdicts (subject INTEGER NOT NULL, position INTEGER NOT NULL, effect TEXT NOT NULL, reason TEXT,
  PRIMARY KEY (subject, position)) STRICT, WITHOUT ROWID;

-- What people wrote: its JSON, or why it is not here (withheld, redacted). Deleting a row forgets it.
CREATE TABLE texts (position INTEGER PRIMARY KEY, state TEXT NOT NULL, body TEXT) STRICT;
-- Entries whose texts may come later.
CREATE TABLE awaited_texts (position INTEGER PRIMARY KEY) STRICT;

-- One row a thing, by the position of the entry that created it. Moments are those from which on a reader sees it so.
CREATE TABLE things (
  position INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  subject INTEGER NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  external_id TEXT,
  state TEXT NOT NULL,
  due TEXT,
  overdue_from INTEGER,
  presumed_from INTEGER,
  waiting_from INTEGER,
  etag TEXT NOT NULL,
  title TEXT
) STRICT;
CREATE INDEX things_by_kind ON things (kind);
CREATE INDEX things_by_state ON things (kind, state);
CREATE INDEX things_by_due ON things (kind, due) WHERE due IS NOT NULL;
CREATE INDEX things_by_external_id ON things (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX things_overdue ON things (kind, overdue_from) WHERE overdue_from IS NOT NULL;
CREATE INDEX things_waiting ON things (kind, waiting_from) WHERE waiting_from IS NOT NULL;
CREATE INDEX things_presumed ON things (kind, presumed_from) WHERE presumed_from IS NOT NULL;
-- Apart from the rows that lists look through, so that those stay small.
CREATE TABLE thing_views (position INTEGER PRIMARY KEY, view TEXT NOT NULL) STRICT;
CREATE VIRTUAL TABLE titles USING fts5 (title, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO titles (titles, rank) VALUES ('secure-delete', 1);


-- In the order in which this node heard of them, founders first.
CREATE TABLE members (place INTEGER PRIMARY KEY, partner INTEGER NOT NULL UNIQUE, state TEXT, view TEXT) STRICT;

-- Whose move it is, for things of which this node's own partner is a party. Thing 0 is the network; party 0 is anyone.
CREATE TABLE moves (thing INTEGER NOT NULL, number INTEGER NOT NULL, party INTEGER NOT NULL, verb TEXT NOT NULL, by TEXT,
  ref TEXT, PRIMARY KEY (thing, number)) STRICT, WITHOUT ROWID;
CREATE INDEX moves_by_party ON moves (party, by);
`;
