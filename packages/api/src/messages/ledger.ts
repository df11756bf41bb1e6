/**
 * What the services of one node ask of its ledger, over NATS in account HOME (micro service `ledger`,
 * subjects `hf.ledger.<verb>`; JSON unless said otherwise). The ledger is the only holder of the pen.
 */

import { linkRules, Signature, statementKinds } from "@handfast/protocol/federation";
import { EventType } from "@handfast/protocol/header";
import { Hash, LogId, NetworkId, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { refusalCodes } from "@handfast/protocol/refusals";
import { z } from "zod";

/** An entry before it has a place. In `subject` and in ref fields of `x`, `#k` and `#k@` stand for the k-th entry of the same append. */
export const DraftEntry = z.strictObject({
  type: EventType,
  subject: z.union([Ref, z.string().regex(/^#[0-9]{1,2}$/), z.null()]),
  x: z.record(z.string(), z.json()),
  /** Texts for the payload; no payload when left out. */
  body: z.record(z.string(), z.json()).optional(),
});
export type DraftEntry = z.infer<typeof DraftEntry>;

/** `expect` covers every subject the decision read; their heads become the entries' parents, with the refs in `x`. */
export const AppendRequest = z.strictObject({
  entries: z.array(DraftEntry).min(1).max(limits.appendEntries),
  expect: z
    .array(z.strictObject({ subject: z.string().max(64), heads: z.array(PinnedRef).max(1_024) }))
    .max(64),
  /** Idempotency: the same key answers the same refs for seven days; with another `request` it is refused. */
  key: Hash.optional(),
  request: Hash.optional(),
});
export type AppendRequest = z.infer<typeof AppendRequest>;

export const AppendReply = z.discriminatedUnion("ok", [
  z.strictObject({
    ok: z.literal(true),
    refs: z.array(PinnedRef),
    position: z.int().min(0),
    replayed: z.boolean(),
  }),
  z.strictObject({
    ok: z.literal(false),
    code: z.enum([
      "moved",
      "idempotency-key-reused",
      "malformed",
      "too-large",
      "clock-ahead",
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
  /** `header` is the exact text; `hash` its leaf hash. */
  entries: z.array(z.strictObject({ position: z.int().min(1), header: z.string(), hash: Hash })),
  /** Position of the newest entry held. */
  head: z.int().min(0),
});
export type ReadReply = z.infer<typeof ReadReply>;

export const PayloadsRequest = z.strictObject({ refs: z.array(Ref).min(1).max(limits.payloadRefs) });
/** One answer a ref, in order: four different ways of not having it. */
export const PayloadAnswer = z.union([
  z.strictObject({ ref: Ref, salt: z.string(), body: z.string() }),
  z.strictObject({ ref: Ref, state: z.enum(["withheld", "redacted", "not-held", "unknown"]) }),
]);
export type PayloadAnswer = z.infer<typeof PayloadAnswer>;
/** Answers for as many of the refs, from the first on, as fit into one message; at least one. Ask again for the rest. */
export const PayloadsReply = z.strictObject({ payloads: z.array(PayloadAnswer) });
/** Payloads that came from elsewhere; each is kept only when it hashes to its entry's header. */
export const KeepPayloadsRequest = z.strictObject({
  payloads: z
    .array(z.strictObject({ ref: Ref, salt: z.string(), body: z.string() }))
    .min(1)
    .max(limits.payloadRefs),
});
export const KeepPayloadsReply = z.strictObject({
  kept: z.int(),
  refused: z.array(z.strictObject({ ref: Ref, code: z.literal("payload-mismatch") })),
});
/** Entries whose payload this node may have and lacks, oldest first. */
export const MissingPayloadsRequest = z.strictObject({ limit: z.int().min(1).max(limits.payloadRefs) });
export const MissingPayloadsReply = z.strictObject({ refs: z.array(Ref) });

/** Every log held, with the checkpoint this node can prove it by. */
export const HeadsReply = z.strictObject({
  net: NetworkId,
  logs: z.array(z.strictObject({ by: PartnerId, log: LogId, size: z.int().min(0), note: z.string() })),
});
export type HeadsReply = z.infer<typeof HeadsReply>;

/** Answer is a frame (bytes), or JSON starting with `{` for a refusal. */
export const RangeRequest = z.strictObject({
  net: NetworkId,
  log: LogId,
  from: z.int().min(0),
  limit: z.int().min(1).max(limits.rangeEntries),
});
export const ProofRequest = z.strictObject({ log: LogId, from: z.int().min(0), to: z.int().min(0) });
export const ProofReply = z.strictObject({
  oldRoot: z.string(),
  proof: z.array(z.string()).max(limits.proofHashes),
});
export type ProofReply = z.infer<typeof ProofReply>;

/** Checkpoints kept of a log above a size, ascending: all of our own batches, of others those they were given with. */
export const CheckpointsRequest = z.strictObject({
  log: LogId,
  after: z.int().min(0),
  limit: z.int().min(1).max(1_000),
});
export const CheckpointsReply = z.strictObject({
  notes: z.array(z.strictObject({ size: z.int().min(1), note: z.string() })),
});
export type CheckpointsReply = z.infer<typeof CheckpointsReply>;

/** How the ledger is; the request is `{}`. */
export const LedgerStatus = z.strictObject({
  net: NetworkId,
  partner: PartnerId,
  log: LogId,
  /** Entries in our own log. */
  size: z.int().min(1),
  /** Position of the newest entry held. */
  position: z.int().min(1),
  /** `disk-full` ends by itself; `fatal` does not, and the process should. */
  writing: z.enum(["open", "disk-full", "fatal"]),
  /** Foreign entries that are verified and lack a parent. */
  waiting: z.strictObject({ entries: z.int().min(0), bytes: z.int().min(0) }),
  /** Logs that signed two histories: nothing more is taken from them. */
  forked: z.array(LogId),
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
    /** A parent that is missing: which log is needed up to which size. */
    need: z.array(z.strictObject({ log: LogId, size: z.int().min(1) })).optional(),
  }),
  z.strictObject({
    ok: z.literal(false),
    code: z.enum(refusalCodes),
    detail: z.string().optional(),
    /** For `gap`: the size held, from where a range is wanted. */
    size: z.int().min(0).optional(),
  }),
]);
export type IngestReply = z.infer<typeof IngestReply>;

/** What `hf.log.<type>` carries after each commit: a hint to read, one message an entry. */
export const LogNotice = z.strictObject({
  position: z.int().min(1),
  by: PartnerId,
  log: LogId,
  seq: z.int().min(0),
});

/** Asks the ledger, which alone has the log key, for a signature (`hf.ledger.sign`). The answer is b64u of 64 bytes. */
export const SignRequest = z.strictObject({
  kind: z.enum(statementKinds),
  text: z.string().min(2).max(linkRules.statementBytes),
});
export type SignRequest = z.infer<typeof SignRequest>;
export const SignReply = z.strictObject({ sig: Signature });
export type SignReply = z.infer<typeof SignReply>;
