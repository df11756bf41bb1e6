import { keptRepliesTables } from "./kept-replies.ts";

/** The tables of a node. An entry's key is its log's number here times 2^36 plus its seq. */
export const seqsPerLog = 2 ** 36;
export const maxLogs = 2 ** 17;

/** What release 0.1.0 kept in the same form. */
const firstTables = `
CREATE TABLE logs (
  number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND ${maxLogs - 1}),
  log TEXT NOT NULL UNIQUE CHECK (length(log) = 22),
  by TEXT NOT NULL CHECK (length(by) = 48),
  size INTEGER NOT NULL,
  note_size INTEGER NOT NULL CHECK (note_size >= size),
  -- The note of the edge, where that lies beyond the entries held; else it is among the checkpoints.
  note TEXT CHECK ((note IS NULL) = (note_size = size)),
  proof BLOB NOT NULL CHECK (length(proof) % 32 = 0)
) STRICT;

CREATE TABLE arrivals (
  position INTEGER PRIMARY KEY,
  log INTEGER NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL CHECK (end > start)
) STRICT;

CREATE TABLE checkpoints (
  log INTEGER NOT NULL,
  size INTEGER NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (log, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE payloads (
  id INTEGER PRIMARY KEY,
  salt BLOB NOT NULL CHECK (length(salt) = 32),
  body BLOB NOT NULL
) STRICT;

CREATE TABLE lacking (
  position INTEGER PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE room (filler BLOB NOT NULL) STRICT;
`;

/** What the ledger knows of old entries without reading them; all of it follows from the entries. */
export const indexTables = `
-- 256 entries a row: leaf hashes, times, what the log knew before; root is their node of the tree.
CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  root BLOB NOT NULL CHECK (length(root) = 32),
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  body BLOB NOT NULL
) STRICT;

-- What an entry learned of other logs: their numbers and seqs, four bytes each.
CREATE TABLE learned (
  id INTEGER PRIMARY KEY,
  known BLOB NOT NULL CHECK (length(known) % 8 = 0)
) STRICT;

CREATE TABLE heads (
  subject TEXT PRIMARY KEY,
  heads TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Entries at network level, in order of arrival: who is a member follows from them alone.
CREATE TABLE network_entries (
  number INTEGER PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE
) STRICT;

-- At most one row: a write that was begun and not completed.
CREATE TABLE intents (
  number INTEGER PRIMARY KEY CHECK (number = 0),
  intent TEXT NOT NULL
) STRICT;
`;

/** Second histories of a log, and the entries that prove there are any. */
export const branchTables = `
-- A row beside the one among logs: it shares the first entries of its base, up to size.
CREATE TABLE branches (
  line INTEGER PRIMARY KEY,
  log INTEGER NOT NULL,
  base INTEGER NOT NULL,
  size INTEGER NOT NULL
) STRICT;

-- Entries that prove a fork: of which log, and from which entry on that is in doubt.
CREATE TABLE proofs (
  id INTEGER PRIMARY KEY,
  log INTEGER NOT NULL,
  start INTEGER NOT NULL
) STRICT;
`;

/** What came before branches: two notes of a log that was not taken any further. */
export const droppedTables = "DROP TABLE forks;";

/** What release 0.1.0 kept in another form. */
export const replacedTables = `
${keptRepliesTables}
INSERT INTO kept_replies (key, request, reply, at) SELECT key, request, reply, at FROM replies ORDER BY at;
DROP TABLE replies;
`;

export const nodeStoreSchema = `${firstTables}${keptRepliesTables}${indexTables}${branchTables}`;
