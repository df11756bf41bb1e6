/**
 * The port for storing logs: own and foreign ones alike, as exact bytes, in the node's own order of arrival.
 *
 * Append only: a slot (log, seq) once filled never changes. Every engine passes the suite in `../test/contract.ts`.
 */
import type { Hash, LogId, PartnerId } from "@handfast/protocol/ids";

/** What proves a log up to `size`: a signed note of `noteSize` >= `size`, and the consistency proof that leads there. */
export type Edge = {
  readonly size: number;
  readonly noteSize: number;
  readonly note: string;
  /** Empty where `noteSize` is `size`. */
  readonly proof: readonly Uint8Array[];
};

export type StoredLog = { readonly log: LogId; readonly by: PartnerId; readonly edge: Edge };

export type StoredPayload = { readonly salt: Uint8Array; readonly body: Uint8Array };

/** A run of entries of one log. */
export type Batch = {
  readonly log: LogId;
  readonly by: PartnerId;
  /** Seq of the first; exactly the size held. */
  readonly from: number;
  /** Exact bytes; at least one. */
  readonly headers: readonly Uint8Array[];
  /** Payloads that are at hand, by seq. */
  readonly payloads: readonly (StoredPayload & { readonly seq: number })[];
  /** Entries with a payload that this node may have and lacks, by seq. */
  readonly lacking: readonly number[];
};

/**
 * Is given what was read back of a batch inside the transaction, and answers what proves the log from now on. A throw
 * rolls everything back and comes out of `append` as it is.
 */
export type Seal = (batch: Batch, stored: readonly Uint8Array[]) => Edge;

/** An answer kept under an idempotency key, in the same transaction as the entries. `reply` is the keeper's own text. */
export type KeptReply = {
  readonly key: Hash;
  readonly request: Hash;
  readonly reply: string;
  readonly atMs: number;
};

export type StoredEntry = {
  /** From 1, without gaps. */
  readonly position: number;
  readonly log: LogId;
  readonly seq: number;
  readonly header: Uint8Array;
};

export type StoredFork = {
  readonly log: LogId;
  readonly size: number;
  readonly ours: string;
  readonly theirs: string;
};

export type Place = { readonly log: LogId; readonly seq: number };

export interface EventLog extends AsyncDisposable {
  /** Position of the newest entry; 0 for none. */
  readonly head: number;
  /**
   * Appends all batches and replies, or nothing. Resolves only when they would survive a power cut.
   *
   * @returns The position of each batch's first entry. Positions follow `head` in the order of the batches.
   * @throws {EventLogError} `disk-full`: nothing was appended. `outcome-unknown`: nobody knows, the process must end.
   */
  append(
    batches: readonly Batch[],
    options: { readonly seal: Seal; readonly replies?: readonly KeptReply[] },
  ): Promise<readonly number[]>;
  /** Whether an append would find room: writes a little and takes it back. Cheap, but not for every request. */
  hasRoom(): Promise<boolean>;

  logs(): Promise<readonly StoredLog[]>;
  /** Headers [from, to) of one log, in order; fewer where the log ends before. */
  range(log: LogId, from: number, to: number): Promise<readonly Uint8Array[]>;
  /** Entries after a position, in order of arrival. */
  read(after: number, limit: number): Promise<readonly StoredEntry[]>;
  /** The smallest checkpoint kept of at least this size, among those that the held entries reach. */
  checkpointFrom(log: LogId, size: number): Promise<{ readonly size: number; readonly note: string } | null>;
  /** Checkpoints of a log above a size, ascending. */
  checkpoints(
    log: LogId,
    after: number,
    limit: number,
  ): Promise<readonly { readonly size: number; readonly note: string }[]>;

  payload(place: Place): Promise<StoredPayload | null>;
  /** Keeps payloads that were checked against their headers; those kept already stay as they are. */
  keepPayloads(payloads: readonly (StoredPayload & Place)[]): Promise<void>;
  /** Entries that lack their payload, oldest arrival first. */
  lackingPayloads(limit: number): Promise<readonly Place[]>;

  recall(key: Hash): Promise<KeptReply | null>;
  forgetRepliesBefore(ms: number): Promise<void>;

  keepFork(fork: StoredFork): Promise<void>;
  forks(): Promise<readonly StoredFork[]>;
}
