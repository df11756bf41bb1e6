/**
 * The port for everything a node keeps besides the entries themselves: in which order they arrived, what proves each log,
 * payloads (which can be erased), kept replies, and what the ledger must know of old entries without reading them.
 *
 * A partner that signed several histories of a log has several lines here: wherever a log is named, one of its lines is.
 *
 * Always SQLite, so it answers at once and keeps all of a commit or nothing. Every form of it passes `../test/contract.ts`.
 */
import type { Hash, LineId, LogId, PartnerId } from "@handfast/protocol/ids";
import type { Edge } from "@handfast/replica/edge";
import type { Known, Segment } from "@handfast/replica/segment";

export type StoredLog = {
  readonly log: LineId;
  readonly by: PartnerId;
  readonly edge: Edge;
  readonly branch: StoredBranch | null;
};
/** How a line that is not the first of its log begins: behind the first `size` entries of its base. */
export type StoredBranch = { readonly of: LogId; readonly base: LineId; readonly size: number };
/** An entry that proves a fork: of which log, and from which entry on that is in doubt. */
export type StoredProof = Place & { readonly proves: { readonly log: LogId; readonly from: number } };
export type StoredPayload = { readonly salt: Uint8Array; readonly body: Uint8Array };
export type Place = { readonly log: LineId; readonly seq: number };

/** A run of entries of one log that is being written. */
export type Run = {
  readonly log: LogId;
  readonly by: PartnerId;
  /** Only with the first entries of a branch: `from` is its size then. */
  readonly branch?: StoredBranch | undefined;
  /** Entries [from, to); `from` is exactly the size held, `to` above it. */
  readonly from: number;
  readonly to: number;
  /** Payloads that are at hand, by seq. */
  readonly payloads: readonly (StoredPayload & { readonly seq: number })[];
  /** Entries with a payload that this node may have and lacks, by seq. */
  readonly lacking: readonly number[];
};

/** An answer kept under an idempotency key, together with its entries. `reply` is the keeper's own text. */
export type KeptReply = {
  readonly key: Hash;
  readonly request: Hash;
  readonly reply: string;
  readonly atMs: number;
};

/** What is about to be written, before the log store is touched. */
export type Intent = {
  /** In the order of their positions. */
  readonly runs: readonly (Run & {
    /** SHA-256 over the run's leaf hashes: recognizes the very bytes. */
    readonly digest: Uint8Array;
    /** What proves the log then; null for our own, which is signed after it was read back. */
    readonly edge: Edge | null;
  })[];
  readonly replies: readonly KeptReply[];
};

/** What completes a write, once the entries were read back and our own log is signed. */
export type Completion = {
  /** One a run, in their order. */
  readonly edges: readonly Edge[];
  /** What entries of the runs learned of other logs, by log and seq; only where something was learned. */
  readonly learned: readonly (Place & { readonly known: Known })[];
  readonly segments: readonly {
    readonly log: LogId;
    readonly index: number;
    readonly root: Uint8Array;
    readonly segment: Segment;
  }[];
  /** Heads of every subject that changed, joined by LF. */
  readonly heads: Iterable<readonly [subject: string, heads: string]>;
  /** Entries of the runs at network level, in their order. */
  readonly network: readonly Place[];
  readonly proofs: readonly StoredProof[];
};

/** A run of entries in the node's own order of arrival. */
export type Arrival = {
  /** Position of the first entry; from 1, without gaps. */
  readonly position: number;
  readonly log: LogId;
  readonly from: number;
  readonly to: number;
};

export interface NodeStore extends Disposable {
  /** Position of the newest entry; 0 for none. */
  readonly head: number;

  /**
   * Begins a write. After this the log store is appended to, read back, and then `complete` makes everything durable.
   * Where the log store has a database of its own, the intent is durable before this returns, and stays until `complete` or
   * `abandon`. Where both share one database, it opens the transaction in which both write.
   *
   * @throws {StorageError} `disk-full`, `outcome-unknown`, `damaged`: as `complete`.
   */
  begin(intent: Intent): void;
  /**
   * Completes the write that was begun, durably.
   *
   * @returns The position of each run's first entry. Positions follow `head` in the order of the runs.
   */
  complete(completion: Completion): readonly number[];
  /** Gives up the write that was begun: nothing of it is in this store, nor in a log store that shares its database. */
  abandon(): void;
  /** A write that was begun and neither completed nor abandoned before the process ended; null for none. */
  readonly unfinished: Intent | null;

  /** Runs many reads as one: quicker, and all of one state. `work` writes nothing. */
  together<Answer>(work: () => Answer): Answer;
  logs(): readonly StoredLog[];
  /** Runs that hold positions above `after`, in order, up to `entries` entries; the first and last are cut to fit. */
  arrivals(after: number, entries: number): readonly Arrival[];
  /** The smallest checkpoint kept of at least this size, among those that the held entries reach. */
  checkpointFrom(log: LogId, size: number): { readonly size: number; readonly note: string } | null;
  /** Checkpoints of a log above a size, ascending. */
  checkpoints(
    log: LogId,
    after: number,
    limit: number,
  ): readonly { readonly size: number; readonly note: string }[];

  /** The roots of a log's full segments, in order; of a branch those that it does not share. */
  segmentRoots(log: LogId): readonly Uint8Array[];
  /** @throws {StorageError} `damaged` where it is not what was kept. */
  segment(log: LogId, index: number): Segment;
  /** What entries [from, to) of a log learned, by seq. */
  learned(log: LogId, from: number, to: number): ReadonlyMap<number, Known>;
  /** The heads of a subject, joined by LF; null for a subject without entries. */
  heads(subject: string): string | null;
  /** The same for many subjects; those without entries are left out. */
  headsOfMany(subjects: readonly string[]): ReadonlyMap<string, string>;
  /** All entries at network level, in order of arrival. */
  networkEntries(): readonly Place[];
  proofs(): readonly StoredProof[];

  payload(place: Place): StoredPayload | null;
  /** Keeps payloads that were checked against their headers; those kept already stay as they are, unless they are wanted anew. */
  keepPayloads(payloads: readonly (StoredPayload & Place)[]): void;
  /** Says that an entry's payload is no longer what was kept: it lacks it from now on, and the next one given replaces it. */
  wantPayload(place: Place): void;
  /** Entries above a position that lack their payload, oldest arrival first. */
  lackingPayloads(after: number, limit: number): readonly (Place & { readonly position: number })[];

  recall(key: Hash): KeptReply | null;
  /** Kept replies whose number is above `after`, in order, so many at most: for who looks at all of them. */
  replies(after: number, limit: number): readonly (KeptReply & { readonly number: number })[];
  forgetRepliesBefore(ms: number): void;

  /** Whether a write would find room: writes a little and takes it back. Cheap, but not for every request. */
  hasRoom(): boolean;
}
