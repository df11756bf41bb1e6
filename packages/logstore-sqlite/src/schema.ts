/**
 * The tables of logs. An entry's key is its log's number times 2^36 plus its seq, so that a log lies together and no index on
 * random hashes is needed.
 */
/** 2^36 entries a log; 2^17 logs, so that every key stays below 2^53. */
export const seqsPerLog = 2 ** 36;
export const maxLogs = 2 ** 17;

export const entriesNeverChange = `
CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;
`;

export const streamsSchema = `
CREATE TABLE streams (
  number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND ${maxLogs - 1}),
  log TEXT NOT NULL UNIQUE CHECK (length(log) = 22)
) STRICT;
`;

export const logStoreSchema = `
${streamsSchema}
CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  header BLOB NOT NULL CHECK (length(header) BETWEEN 2 AND 4096)
) STRICT;
${entriesNeverChange}
`;
