/**
 * The tables. An entry's key is its log's number times 2^36 plus its seq, so that a log lies together and no index on random
 * hashes is needed; arrivals are one row a run of entries, not one an entry.
 */
export const schemaVersion = 1;

/** 2^36 entries a log; 2^17 logs, so that every key stays below 2^53. */
export const seqsPerLog = 2 ** 36;
export const maxLogs = 2 ** 17;

export const schema = `
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

CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  header BLOB NOT NULL CHECK (length(header) BETWEEN 2 AND 4096)
) STRICT;
CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

CREATE TABLE arrivals (
  position INTEGER PRIMARY KEY,
  log INTEGER NOT NULL REFERENCES logs,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL CHECK (end > start)
) STRICT;

CREATE TABLE checkpoints (
  log INTEGER NOT NULL REFERENCES logs,
  size INTEGER NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (log, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE payloads (
  id INTEGER PRIMARY KEY REFERENCES entries,
  salt BLOB NOT NULL CHECK (length(salt) = 32),
  body BLOB NOT NULL
) STRICT;

CREATE TABLE lacking (
  position INTEGER PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE REFERENCES entries
) STRICT;

CREATE TABLE replies (
  key TEXT PRIMARY KEY CHECK (length(key) = 43),
  request TEXT NOT NULL,
  reply TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX replies_by_age ON replies (at);

CREATE TABLE forks (
  log INTEGER NOT NULL REFERENCES logs,
  size INTEGER NOT NULL,
  ours TEXT NOT NULL,
  theirs TEXT NOT NULL,
  PRIMARY KEY (log, size, theirs)
) STRICT, WITHOUT ROWID;

CREATE TABLE room (filler BLOB NOT NULL) STRICT;
`;
