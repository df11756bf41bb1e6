/**
 * What the services of one node ask of its ledger about its own log: whether it may be signed in, the log that comes next, and
 * its keys. Over NATS in account HOME, as the ledger's other messages.
 */
import { Hash, LogId, Multikey, PartnerId } from "@handfast/protocol/ids";
import { z } from "zod";

/** Why this node does not sign entries of its own now. */
export const OwnLogDoubt = z.strictObject({
  code: z.enum([
    "no-fence",
    "other-place",
    "behind-fence",
    "copy",
    "peer-has-more",
    "superseded",
    "forked",
    "root-asked",
  ]),
  /** A sentence for people. */
  detail: z.string(),
  /** How many peers said what they hold of our log, and how many links there are to ask over. */
  heard: z.strictObject({ peers: z.int().min(0), links: z.int().min(0) }),
});
export type OwnLogDoubt = z.infer<typeof OwnLogDoubt>;

/** How far this machine's clock is ahead, in milliseconds; 0 where it is not. */
export const ClockView = z.strictObject({
  /** Of the median of the peers' clocks: beyond two minutes nothing is signed. */
  aheadOfPeersMs: z.int().min(0),
  /** How far our log's last entry is ahead of the clock: beyond two minutes nothing is signed until then, or in a new log. */
  lastEntryAheadMs: z.int().min(0),
});
export type ClockView = z.infer<typeof ClockView>;

/** At most so many peers, and heads of this partner's logs at each: a partner has sixteen logs, and their branches. */
export const peersHeardAtOnce = { peers: 1_024, headsOfEach: 64 } as const;

/** What federation tells the ledger of the peers: what each holds of this partner's logs. */
export const PeersHeardRequest = z.strictObject({
  /** Links that are not closed, up or not. */
  links: z.int().min(0),
  /** One a link that is up and has answered. */
  peers: z
    .array(
      z.strictObject({
        partner: PartnerId,
        /** Its clock less ours in milliseconds, as last told; null where it told none. */
        skewMs: z.int().nullable(),
        heads: z
          .array(z.strictObject({ log: LogId, size: z.int().min(0), note: z.string().optional() }))
          .max(peersHeardAtOnce.headsOfEach),
      }),
    )
    .max(peersHeardAtOnce.peers),
  /** Every link that is up has answered, and links had time to come up. */
  isSettled: z.boolean(),
});
export type PeersHeardRequest = z.infer<typeof PeersHeardRequest>;
export const PeersHeardReply = z.strictObject({ doubt: OwnLogDoubt.nullable() });
export type PeersHeardReply = z.infer<typeof PeersHeardReply>;

/** The operator vouches for the data folder (`hf.ledger.confirm`); the request is `{}`. */
export const ConfirmReply = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), doubt: OwnLogDoubt }),
]);
export type ConfirmReply = z.infer<typeof ConfirmReply>;

/** Closes our log where it ends and opens the next one (`hf.ledger.open-next`). */
export const OpenNextRequest = z.strictObject({
  /** Also where not every peer was heard. */
  isUnheard: z.boolean().optional(),
});
export type OpenNextRequest = z.infer<typeof OpenNextRequest>;
export const OpenNextReply = z.discriminatedUnion("ok", [
  z.strictObject({
    ok: z.literal(true),
    log: LogId,
    previous: z.strictObject({ log: LogId, size: z.int() }),
  }),
  z.strictObject({
    ok: z.literal(false),
    code: z.enum(["peers-unheard", "root-needed", "too-many-logs", "clock-apart"]),
    detail: z.string(),
  }),
]);
export type OpenNextReply = z.infer<typeof OpenNextReply>;

/** The keys in force in our log (`hf.ledger.keys`); the request is `{}`. */
export const KeysReply = z.strictObject({
  log: LogId,
  root: Multikey,
  /** b64u SHA-256 of `handfast/root/v1` NUL multikey of the next root. */
  next: Hash,
  keys: z.array(Multikey),
  witness: Multikey,
  /** The root key was asked to open the next log. */
  isAsked: z.boolean(),
});
export type KeysReply = z.infer<typeof KeysReply>;

/** Asks for a next log that the root key opens, with a new log key (`hf.ledger.ask-root`). Nothing is signed until the answer. */
export const AskRootRequest = z.strictObject({
  /** Closes our log here; what lies beyond has no effect any more. Default: its end, or where its histories part. */
  closeAt: z.int().min(1).optional(),
  /** The next root, and the hash of the one after it; where the root in force is lost or stolen. */
  root: z.strictObject({ key: Multikey, next: Hash }).optional(),
});
export type AskRootRequest = z.infer<typeof AskRootRequest>;
const RootRefused = z.strictObject({
  ok: z.literal(false),
  code: z.enum([
    "root-needed",
    "too-many-logs",
    "clock-apart",
    "not-that-long",
    "not-the-next-root",
    "nothing-asked",
    "not-signed",
    "log-grew",
  ]),
  detail: z.string(),
});
export const AskRootReply = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), header: z.string() }),
  RootRefused,
]);
export type AskRootReply = z.infer<typeof AskRootReply>;
/** The root key's answer: a note over the opening's checkpoint; null takes the request back (`hf.ledger.take-root`). */
export const TakeRootRequest = z.strictObject({ note: z.string().max(8_192).nullable() });
export type TakeRootRequest = z.infer<typeof TakeRootRequest>;
export const TakeRootReply = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), log: LogId }),
  RootRefused,
]);
export type TakeRootReply = z.infer<typeof TakeRootReply>;
