/**
 * The port for storing logs as exact bytes, one log at a time: what SQLite and an event database can both promise.
 *
 * Append only: a slot (log, seq) once filled never changes. Nothing is atomic across two logs, and nothing across a log and
 * the node store; the ledger's order of writing copes with that. Every engine passes the suite in `../test/contract.ts`.
 */
import type { LogId } from "@handfast/protocol/ids";

export type LogSize = { readonly log: LogId; readonly size: number };

/** What an append found: it was made, or the log has another size than expected and is unchanged. */
export type Appended = { readonly ok: true } | { readonly ok: false; readonly size: number };

export interface LogStore extends AsyncDisposable {
  /**
   * When an append is durable. `append`: before it resolves. `commit`: with the next commit of the node store, whose
   * database it shares; it is readable at once, and gone without a trace when that commit does not come.
   */
  readonly durableWith: "append" | "commit";

  /**
   * Appends all headers to one log, or none. Appends to different logs may be made at once.
   *
   * @param expected How many entries the log must hold; 0 for a log that does not exist yet.
   * @param headers Exact bytes, 1 to 4,096 each; at least one.
   * @throws {StorageError} `disk-full`: nothing was appended. `outcome-unknown`: nobody knows, the process must end.
   */
  append(log: LogId, expected: number, headers: readonly Uint8Array[]): Promise<Appended>;
  /** Headers [from, to) of one log, in order, as they are stored now; fewer where the log ends before, none if unknown. */
  read(log: LogId, from: number, to: number): Promise<readonly Uint8Array[]>;
  /** Entries held of a log; 0 if unknown. */
  size(log: LogId): Promise<number>;
  /** Every log held, in no particular order. */
  logs(): Promise<readonly LogSize[]>;
}
