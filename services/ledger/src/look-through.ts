/** Looks through the entries of a ledger that nobody runs, and changes nothing: what a start would stop at, told before it is tried. */

import { DatabaseSync } from "node:sqlite";
import { fromUtf8 } from "@handfast/protocol/bytes";
import { filesIn } from "./files.ts";

/** Read in about a second. */
const most = 100_000;
const seqsPerLog = 2 ** 36;

/**
 * @returns The id of the first entry that can no longer be read, among the first 100,000; null where there is none.
 * @throws Where the database cannot be asked.
 */
export function spoiltEntry(dir: string): string | null {
  using database = new DatabaseSync(filesIn(dir).log, { readOnly: true, allowExtension: false });
  const rows = database.prepare(
    `SELECT id % ${seqsPerLog} AS seq, log, header FROM entries JOIN streams ON number = id / ${seqsPerLog} ORDER BY id LIMIT ?`,
  );
  for (const { seq, log, header } of rows.iterate(most) as Iterable<Row>)
    if (seqIn(header) !== seq) return `${log}.${seq}`;
  return null;
}

type Row = { readonly seq: number; readonly log: string; readonly header: Uint8Array };

function seqIn(header: Uint8Array): unknown {
  try {
    return (JSON.parse(fromUtf8(header) ?? "") as { readonly seq?: unknown } | null)?.seq;
  } catch {
    return undefined;
  }
}
