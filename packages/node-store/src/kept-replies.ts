/**
 * Replies by their idempotency keys. Keys are random, and a table sorted by them would rewrite one page a command; so rows lie in
 * order of arrival, the newest are found in memory, and the index of the others grows by thousands at a time.
 */
import type { DatabaseSync } from "node:sqlite";
import { bulkInsert } from "@handfast/storage/bulk-insert";
import type { KeptReply } from "./node-store.ts";

/** So many keys are found in memory, about 1.5 MB, and indexed together. */
const keysInMemory = 8_192;

export const keptRepliesTables = `
CREATE TABLE kept_replies (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL CHECK (length(key) = 43),
  request TEXT NOT NULL,
  reply TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
-- The first six bytes of a key as a number, for all rows up to the greatest id here.
CREATE TABLE reply_keys (
  prefix INTEGER NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (prefix, id)
) STRICT, WITHOUT ROWID;
`;

const prefixOf = (key: string): number => Buffer.from(key.slice(0, 8), "base64url").readUIntBE(0, 6);

export function createKeptReplies({ writing, reading }: { writing: DatabaseSync; reading: DatabaseSync }) {
  const insert = bulkInsert(writing, "INSERT INTO kept_replies (key, request, reply, at)", 4);
  const index = bulkInsert(writing, "INSERT INTO reply_keys (prefix, id)", 2);
  const indexed = writing.prepare("SELECT coalesce(max(id), 0) AS id FROM reply_keys");
  const since = writing.prepare("SELECT id, key FROM kept_replies WHERE id > ? ORDER BY id");
  const ids = reading.prepare("SELECT id FROM reply_keys WHERE prefix = ? ORDER BY id DESC");
  const row = reading.prepare("SELECT key, request, reply, at AS atMs FROM kept_replies WHERE id = ?");
  const page = reading.prepare(
    "SELECT id AS number, key, request, reply, at AS atMs FROM kept_replies WHERE id > ? ORDER BY id LIMIT ?",
  );
  const newest = writing.prepare("SELECT coalesce(max(id), 0) AS id FROM kept_replies");
  const newestBefore = writing.prepare("SELECT coalesce(max(id), 0) AS id FROM kept_replies WHERE at < ?");
  const forgetRows = writing.prepare("DELETE FROM kept_replies WHERE id <= ?");
  const forgetKeys = writing.prepare("DELETE FROM reply_keys WHERE id <= ?");
  const idIn = (found: unknown): number => (found as { id: number }).id;

  const recent = new Map<string, number>();
  const load = (): void => {
    recent.clear();
    for (const { id, key } of since.all(idIn(indexed.get())) as { id: number; key: string }[])
      recent.set(key, id);
  };
  load();

  return {
    /** Writes rows, and now and then their index, in the transaction that is open. */
    write: (replies: readonly KeptReply[]): void => {
      if (replies.length === 0) return;
      if (recent.size + replies.length > keysInMemory) {
        const keys = since.all(idIn(indexed.get())) as { id: number; key: string }[];
        index(keys.map(({ id, key }) => [prefixOf(key), id] as const).sort(([a], [b]) => a - b));
        recent.clear();
      }
      const before = idIn(newest.get());
      insert(replies.map(({ key, request, reply, atMs }) => [key, request, reply, atMs]));
      for (const [place, { key }] of replies.entries()) recent.set(key, before + 1 + place);
    },
    /** As of the last transaction that ended well. */
    recall: (key: string): KeptReply | null => {
      const inMemory = recent.get(key);
      const candidates =
        inMemory === undefined ? (ids.all(prefixOf(key)) as { id: number }[]) : [{ id: inMemory }];
      for (const { id } of candidates) {
        const found = row.get(id) as KeptReply | undefined;
        if (found?.key === key) return found;
      }
      return null;
    },
    after: (number: number, limit: number) =>
      page.all(number, limit) as unknown as readonly (KeptReply & { readonly number: number })[],
    forgetBefore: (ms: number): void => {
      const last = idIn(newestBefore.get(ms));
      forgetRows.run(last);
      forgetKeys.run(last);
      load();
    },
    /** After a transaction that was rolled back. */
    reload: load,
  };
}
