/**
 * What the services of one node ask of its ledger, over NATS in account HOME (micro service `ledger`,
 * subjects `hf.ledger.<verb>`; JSON unless said otherwise). The ledger alone appends to and signs this partner's log.
 */

import { Credentials, linkRules, Signature, statementKinds } from "@handfast/protocol/federation";
import { EventType } from "@handfast/protocol/header";
import {
  Hash,
  LineId,
  LineRef,
  LogId,
  NetworkId,
  PartnerId,
  PinnedLineRef,
  PinnedRef,
} from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { refusalCodes } from "@handfast/protocol/refusals";
import { z } from "zod";
import { ClockView, OwnLogDoubt } from "./own-log.ts";

/** An object of a message that was just parsed: whatever it holds is JSON. The ledger's gate decides whether it is taken. */
const JsonObject = z.custom<{ [key: string]: z.core.util.JSONType }>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "expected an object",
);

/** An entry before it has a place. In `subject` and in ref fields of `x`, `#k` and `#k@` stand for the k-th entry of the same append. */
export const DraftEntry = z.strictObject({
  type: EventType,
  subject: z.union([LineRef, z.string().regex(/^#[0-9]{1,2}$/), z.null()]),
  x: JsonObject,
  /** Texts for the payload; no payload when left out. */
  body: JsonObject.optional(),
});
export type DraftEntry = z.infer<typeof DraftEntry>;

/** At most so many subjects one append expects, or one question names. */
export const subjectsAtOnce = 64;
const SubjectId = z.string().max(64);

/** `expect` covers every subject the decision read; their heads become the entries' parents, with the refs in `x`. */
export const AppendRequest = z.strictObject({
  entries: z.array(DraftEntry).min(1).max(limits.appendEntries),
  expect: z
    .array(z.strictObject({ subject: SubjectId, heads: z.array(PinnedLineRef).max(1_024) }))
    .max(subjectsAtOnce),
  /** Idempotency: the same key answers the same refs for seven days; with another `request` it is refused. */
  key: Hash.optional(),
  request: Hash.optional(),
});
export type AppendRequest = z.infer<typeof AppendRequest>;

/**
 * What an entry knows of other logs that the entry before it in its log did not: by log id, the highest seq that is now in
 * its past. Logs are named by their lines: the first history held of a log has its id, a branch a name of this node's own. The
 * first entry of a branch has no predecessor on its line: its `past` is whole. Only logs whose value rose are named, never the entry's own log, and never a value that stays or falls. `{}`:
 * nothing was learned (every entry without parents).
 *
 * The whole past of an entry (fold.md section 1; it excludes the entry itself) follows from these without looking at
 * parents: start from the past of the entry before it in its log (for entry 0: nothing), put in the values named here, and
 * for its own log take `seq - 1`. An entry that names no log shares the map of its predecessor, so readers keep one map a
 * change. `read` hands out each log's entries in order of seq, so the predecessor was always handed out before.
 */
export const LearnedPast = z.record(LineId, z.int().min(0));
export type LearnedPast = z.infer<typeof LearnedPast>;

/** A held entry as a reader needs it. Everything in it was verified before it was stored; nobody checks it again. */
export const LedgerEntry = z.strictObject({
  /** This node's own order of arrival, from 1 without gaps, own and foreign entries alike. */
  position: z.int().min(1),
  /** The exact text of the header: canonical JSON, as its author wrote it. */
  header: z.string(),
  /** Its leaf hash: what stands behind the `@` of refs to it. */
  hash: Hash,
  past: LearnedPast,
  /** Where it stands on a branch, the name of that line; else it stands on the line that has its log's id. */
  line: LineId.optional(),
  /**
   * Where `subject` or `x` names entries of a log with several lines, and not that of the first one: by the text that stands
   * there, the entry that is meant; null where the text means two.
   */
  names: z.record(z.string(), LineRef.nullable()).optional(),
  /** Of a `fork.proven` whose proof was verified: which log signed two histories, and from which entry on it is in doubt. */
  fork: z.strictObject({ log: LogId, from: z.int().min(0) }).optional(),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/**
 * The heads of a subject: its held entries that are in the past of no other entry of that subject (creator and entries
 * without effect included), sorted by code units; empty for a subject without entries. The subject of everything at
 * network level is the network id, of everything else the ref of the entry that created the thing.
 */
export const SubjectHeads = z.strictObject({
  subject: SubjectId,
  heads: z.array(PinnedLineRef),
});
export type SubjectHeads = z.infer<typeof SubjectHeads>;

/**
 * - `refs`: one a draft, in their order.
 * - `position`: of the append's last entry.
 * - `entries`: all entries this append wrote, in order of position and without gaps; `subject.merged` entries that had to
 *   go before are among them. A reader that stands at `entries[0].position - 1` takes them without asking; any other reads
 *   what lies between. Empty where `replayed`: the entries were handed out before, and are read like any others.
 */
export const AppendReply = z.discriminatedUnion("ok", [
  z.strictObject({
    ok: z.literal(true),
    refs: z.array(PinnedRef),
    position: z.int().min(0),
    replayed: z.boolean(),
    entries: z.array(LedgerEntry),
  }),
  z.strictObject({
    ok: z.literal(false),
    code: z.enum([
      "moved",
      "idempotency-key-reused",
      "malformed",
      "too-large",
      "clock-ahead",
      "in-doubt",
      "own-log-unsure",
      "clock-apart",
      "disk-full",
      "outcome-unknown",
      "fatal",
    ]),
    detail: z.string().optional(),
    /** For `moved`: the position by which a reader has caught up. */
    position: z.int().optional(),
  }),
]);
export type AppendReply = z.infer<typeof AppendReply>;

/** Asks whether a key was answered before: a retry is answered without deciding again. */
export const RecallRequest = z.strictObject({ key: Hash, request: Hash });
/** `null`: never seen. */
export const RecallReply = z.union([AppendReply, z.null()]);

/** Entries in this node's own order of arrival, after `after` (0: from the beginning; the first has position 1). */
export const ReadRequest = z.strictObject({ after: z.int().min(0), limit: z.int().min(1).max(1_000) });
export const ReadReply = z.strictObject({
  /** As many as were asked for and fit into one message; at least one where there is any. */
  entries: z.array(LedgerEntry),
  /** Position of the newest entry held. */
  head: z.int().min(0),
});
export type ReadReply = z.infer<typeof ReadReply>;

/** The heads of subjects, as of what is durable now. One answer a subject, in the order asked. */
export const SubjectHeadsRequest = z.strictObject({
  subjects: z.array(SubjectId).min(1).max(subjectsAtOnce),
});
export const SubjectHeadsReply = z.strictObject({
  subjects: z.array(SubjectHeads),
  /** Position of the newest entry they take into account. */
  position: z.int().min(0),
});
export type SubjectHeadsReply = z.infer<typeof SubjectHeadsReply>;

/** An entry by this node's own name for it, or, as peers name those on branches, by place and hash. */
export const EntryName = z.union([LineRef, PinnedRef]);
export type EntryName = z.infer<typeof EntryName>;
export const PayloadsRequest = z.strictObject({ refs: z.array(EntryName).min(1).max(limits.payloadRefs) });
/** One answer a ref, in order: four different ways of not having it. */
export const PayloadAnswer = z.union([
  z.strictObject({ ref: EntryName, salt: z.string(), body: z.string() }),
  z.strictObject({ ref: EntryName, state: z.enum(["withheld", "redacted", "not-held", "unknown"]) }),
]);
export type PayloadAnswer = z.infer<typeof PayloadAnswer>;
/** Answers for as many of the refs, from the first on, as fit into one message; at least one. Ask again for the rest. */
export const PayloadsReply = z.strictObject({ payloads: z.array(PayloadAnswer) });
export type PayloadsReply = z.infer<typeof PayloadsReply>;
/** Payloads that came from elsewhere; each is kept only when it hashes to its entry's header. */
export const KeepPayloadsRequest = z.strictObject({
  payloads: z
    .array(z.strictObject({ ref: EntryName, salt: z.string(), body: z.string() }))
    .min(1)
    .max(limits.payloadRefs),
});
export const KeepPayloadsReply = z.strictObject({
  kept: z.int(),
  refused: z.array(z.strictObject({ ref: EntryName, code: z.literal("payload-mismatch") })),
});
export type KeepPayloadsReply = z.infer<typeof KeepPayloadsReply>;
/** Entries whose payload this node may have and lacks, oldest first: by members, above the position `after`. */
export const MissingPayloadsRequest = z.strictObject({
  after: z.int().min(0),
  limit: z.int().min(1).max(limits.payloadRefs),
});
export const MissingPayloadsReply = z.strictObject({
  refs: z.array(EntryName),
  /** What to ask for after these; null where there are no more. */
  next: z.int().min(0).nullable(),
});
export type MissingPayloadsReply = z.infer<typeof MissingPayloadsReply>;

/**
 * Every line of every log held, with the checkpoint this node can prove it by. `most`: how many of its entries the node takes by
 * what it knows of the author now (budgets by standing).
 */
export const HeadsReply = z.strictObject({
  net: NetworkId,
  logs: z.array(
    z.strictObject({
      by: PartnerId,
      log: LogId,
      /** Of a branch: how it is named here, what it leaves, and how many entries it shares with that. */
      branch: z.strictObject({ line: LineId, base: LineId, size: z.int().min(0) }).optional(),
      size: z.int().min(0),
      note: z.string(),
      /** Leaf hash of the last entry. */
      tip: Hash,
      most: z.int().min(0),
    }),
  ),
});
export type HeadsReply = z.infer<typeof HeadsReply>;

/** Heads that a peer claims, with the notes it gave for them: how far each is proved, 0 where it is not. */
export const ProveRequest = z.strictObject({
  heads: z.array(z.strictObject({ log: LogId, note: z.string().max(4_096) })).max(linkRules.headsPage),
});
export const ProveReply = z.strictObject({ sizes: z.array(z.int().min(0)) });

/**
 * How histories that a peer has compare with those held here. `note`: the peer's checkpoint; where its author signed it and it
 * contradicts what is held, that alone proves a fork.
 */
export const CompareRequest = z.strictObject({
  heads: z
    .array(
      z.strictObject({
        log: LogId,
        size: z.int().min(1),
        tip: Hash.optional(),
        note: z.string().max(4_096).optional(),
      }),
    )
    .max(linkRules.headsPage),
});
/** `held`: wholly, on some line. `ahead`: longer than all that is held. `apart`: not the same as anything held up to that size. */
export const CompareReply = z.strictObject({
  heads: z.array(z.enum(["held", "ahead", "apart", "unknown"])),
});

/** Answer is a frame (bytes), or JSON starting with `{` for a refusal. */
export const RangeRequest = z.strictObject({
  net: NetworkId,
  log: LogId,
  from: z.int().min(0),
  limit: z.int().min(1).max(limits.rangeEntries),
  /** An entry of the history that is wanted; without it, that which this node held first. */
  tip: z.strictObject({ seq: z.int().min(0), hash: Hash }).optional(),
  /** The history as this node names it: of this node's own services, where an entry may stand in several. */
  line: LineId.optional(),
});
export const ProofRequest = z.strictObject({ log: LineId, from: z.int().min(0), to: z.int().min(0) });
export const ProofReply = z.strictObject({
  oldRoot: z.string(),
  proof: z.array(z.string()).max(limits.proofHashes),
});
export type ProofReply = z.infer<typeof ProofReply>;

/** Checkpoints kept of a log above a size, ascending: all of our own batches, of others those they were given with. */
export const CheckpointsRequest = z.strictObject({
  log: LineId,
  after: z.int().min(0),
  limit: z.int().min(1).max(1_000),
});
export const CheckpointsReply = z.strictObject({
  notes: z.array(z.strictObject({ size: z.int().min(1), note: z.string() })),
});
export type CheckpointsReply = z.infer<typeof CheckpointsReply>;

/**
 * Partners whose logs are held, and what this node takes of them; the request is `{}`. `isAdmitted`: a founder, or somebody whom
 * a quorum has admitted at any time. `isActive`: a member now, who is given texts. `waitMs`: 0, or how long nothing is taken.
 */
export const StandingReply = z.strictObject({
  partners: z.array(
    z.strictObject({
      partner: PartnerId,
      isActive: z.boolean(),
      isAdmitted: z.boolean(),
      logs: z.int().min(0),
      entries: z.int().min(0),
      /** Entries that are taken in all. */
      most: z.int().min(0),
      waitMs: z.int().min(0),
    }),
  ),
});
export type StandingReply = z.infer<typeof StandingReply>;

/** How the ledger is; the request is `{}`. */
export const LedgerStatus = z.strictObject({
  net: NetworkId,
  partner: PartnerId,
  log: LogId,
  /** Entries in our own log. */
  size: z.int().min(1),
  /** Position of the newest entry held. */
  position: z.int().min(1),
  /** `held`: see `doubt`. `disk-full` ends by itself; `fatal` does not, and the process should. */
  writing: z.enum(["open", "held", "disk-full", "fatal"]),
  doubt: OwnLogDoubt.nullable(),
  clock: ClockView,
  /** Kept texts that were found not to be what their entries commit to, and that no peer has given anew yet. */
  damagedTexts: z.int().min(0),
  /** Foreign entries that are verified and lack a parent. */
  waiting: z.strictObject({ entries: z.int().min(0), bytes: z.int().min(0) }),
  /** Logs whose author signed several histories. */
  forks: z.array(
    z.strictObject({
      log: LogId,
      by: PartnerId,
      /** From which entry on it is in doubt. */
      from: z.int().min(0),
      /** How many histories are held beside the first. */
      branches: z.int().min(0),
      /** Whether an entry that proves it is held. */
      isProven: z.boolean(),
    }),
  ),
});
export type LedgerStatus = z.infer<typeof LedgerStatus>;

/** The ledger's answer to a foreign frame (request: the frame's bytes on `hf.ledger.ingest`). */
export const IngestReply = z.discriminatedUnion("ok", [
  z.strictObject({
    ok: z.literal(true),
    /** How far the log is held now, how much of the frame was new, and what waits (verified) for parents. */
    size: z.int().min(0),
    accepted: z.int().min(0),
    pending: z.int().min(0),
    /** A parent that is missing: which log is needed up to which size, with which entry at its end. */
    need: z.array(z.strictObject({ log: LogId, size: z.int().min(1), tip: Hash })).optional(),
    /** It is of a branch: `size` is that of this one. */
    isBranch: z.boolean().optional(),
  }),
  z.strictObject({
    ok: z.literal(false),
    code: z.enum(refusalCodes),
    detail: z.string().optional(),
    /** For `gap`: the size held, from where a range is wanted. */
    size: z.int().min(0).optional(),
    /** For `busy` by a partner's rate: how long to wait. */
    retryAfterMs: z.int().min(0).optional(),
    /** For `bad-checkpoint`: its author did sign that checkpoint, so this may be another history of the log. */
    isSigned: z.boolean().optional(),
  }),
]);
export type IngestReply = z.infer<typeof IngestReply>;

/** What `hf.ledger.head` carries after each commit: one message, however many entries it made durable. */
export const HeadNotice = z.strictObject({
  /** Of the last of them. */
  position: z.int().min(1),
  /** All of them were appended here: the answers to the appends hold them. */
  isOwn: z.boolean(),
});
export type HeadNotice = z.infer<typeof HeadNotice>;

/** What `hf.ledger.texts` carries when texts of foreign entries have come. */
export const TextsNotice = z.strictObject({ refs: z.array(LineRef).min(1).max(limits.payloadRefs) });
export type TextsNotice = z.infer<typeof TextsNotice>;

/** Which keys speak for a partner, and the bytes that prove it; null where none of its logs is held (`hf.ledger.credentials`). */
export const CredentialsRequest = z.strictObject({ partner: PartnerId });
export const CredentialsReply = z.strictObject({ credentials: Credentials.nullable() });
export type CredentialsReply = z.infer<typeof CredentialsReply>;

/** Asks the ledger, which alone has the log key, for a signature (`hf.ledger.sign`). The answer is b64u of 64 bytes. */
export const SignRequest = z.strictObject({
  kind: z.enum(statementKinds),
  text: z.string().min(2).max(linkRules.statementBytes),
});
export type SignRequest = z.infer<typeof SignRequest>;
export const SignReply = z.strictObject({ sig: Signature });
export type SignReply = z.infer<typeof SignReply>;
