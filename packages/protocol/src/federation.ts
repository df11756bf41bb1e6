/**
 * What nodes of different partners say to each other, `hf.v1` (FEDERATION.md): invitation, join and grant, which are
 * signed, and the calls over a link, which are not, since every entry in them proves itself.
 *
 * Signed statements are canonical JSON, strictly of their shape. Calls are JSON of at least their shape: a newer node may add members.
 */
import { z } from "zod";
import { fromB64u, fromUtf8, labelledHash, toB64u, toBytes } from "./bytes.ts";
import { canonicalText, type Gated, gate, type Json } from "./canonical.ts";
import { formats } from "./formats.ts";
import { Hash, LogId, NetworkId, PartnerId, PinnedRef, Ref } from "./ids.ts";
import { limits } from "./limits.ts";
import { refusalCodes } from "./refusals.ts";
import { Name } from "./text.ts";

export const protocolVersion = "hf.v1";
/** Every call, ask and answer carries this header with this value. */
export const versionHeader = { "Hf-V": "1" } as const;

/** Limits of a link, once. Rates are defaults of settings; `busy {retryAfterMs}` is the answer above them. */
export const linkRules = {
  replyBytes: 512 * 1024,
  headsPage: 512,
  statementBytes: 64 * 1024,
  nudgeHeads: 256,
  callsPerSecond: 50,
  callsBurst: 100,
  bytesPerMinute: 32 * 1024 * 1024,
  catchUpBytesPerSecond: 16 * 1024 * 1024,
  invitationHours: 72,
  requestTimeoutMs: 5_000,
} as const;

/* ---- signed statements ---- */

/** 64 bytes of Ed25519, b64u, by a log key of the speaker, over `handfast/<kind>/v1` NUL the canonical text without `sig`. */
export const Signature = z
  .string()
  .refine((text) => fromB64u(text)?.length === 64, { message: "not a signature" });
/** `tls://host:port`; nothing else is ever dialled. */
export const Endpoint = z
  .string()
  .max(300)
  .regex(/^tls:\/\/(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\]):[0-9]{1,5}$/, {
    error: "is not of the form tls://host:port",
  })
  .register(formats, {
    id: "endpoint",
    description: "`tls://host:port`: where a partner's node is dialled.",
  });
export const Endpoints = z.array(Endpoint).min(1).max(8);
const Pem = z.string().min(1).max(16_384);
const Jwt = z.string().min(1).max(4_096);
const UserKey = z.string().regex(/^U[A-Z2-7]{55}$/);
const UserSeed = z.string().regex(/^SU[A-Z2-7]{56}$/);
const AccountKey = z.string().regex(/^A[A-Z2-7]{55}$/);
export const Milliseconds = z.int().min(0);
/** The frame `0 1` of a log as text: `log.opened` and its control checkpoint, signed by the root that names the partner. */
const OpenedFrame = z.string().max(16_384);

/** An entry that set its author's keys anew by a root key: its exact bytes, what stands before it in its log, and its control checkpoint. */
export const KeyChange = z.strictObject({
  header: z.string().min(2).max(limits.headerBytes),
  /** The peaks of the compact range over the entries before it, the largest subtree first. */
  before: z.array(Hash).max(53),
  note: z.string().max(4_096),
});
export type KeyChange = Readonly<z.infer<typeof KeyChange>>;
/** From the keys of the first log to those in force: every change of the root key, in order, and the newest entry that set keys. */
const KeyChanges = z.array(KeyChange).min(1).max(16);

/** How a partner shows which keys speak for it, to somebody who holds nothing of it. `since`: absent while its first keys are in force. */
export const Credentials = z.strictObject({ opened: OpenedFrame, since: KeyChanges.optional() });
export type Credentials = Readonly<z.infer<typeof Credentials>>;

/** An invitation is a secret: its holder may join once, as anyone. */
export const Invitation = z.strictObject({
  v: z.literal(1),
  net: NetworkId,
  /** Canonical text of the founding charter; its hash is `net`. */
  charter: z.string().max(65_536),
  inviter: z.strictObject({ partner: PartnerId, name: Name, ...Credentials.shape }),
  endpoints: Endpoints,
  /** The inviter's certificate authority: the dialer believes no other. */
  caPem: Pem,
  /** A user that may publish its own join and read its own inbox; `token` is the last token of the subject it joins at. */
  lobby: z.strictObject({ jwt: Jwt, seed: UserSeed, token: Hash }),
  expires: Milliseconds,
  sig: Signature,
});
export type Invitation = Readonly<z.infer<typeof Invitation>>;

/** What a newcomer sends over the lobby. */
export const Join = z.strictObject({
  v: z.literal(1),
  net: NetworkId,
  /** Hash of the invitation's token, so that a join says nothing under another invitation. */
  invitation: Hash,
  ...Credentials.shape,
  /** Public key of the NATS user that will dial; its seed stays home. */
  userKey: UserKey,
  sig: Signature,
});
export type Join = Readonly<z.infer<typeof Join>>;

/** The host's answer: a link. */
export const Grant = z.strictObject({
  v: z.literal(1),
  net: NetworkId,
  host: PartnerId,
  peer: PartnerId,
  account: AccountKey,
  jwt: Jwt,
  endpoints: Endpoints,
  /** When the JWT ends. */
  expires: Milliseconds,
  /** Where the host has set its keys anew: the invitation may be older than that. */
  since: KeyChanges.optional(),
  sig: Signature,
});
export type Grant = Readonly<z.infer<typeof Grant>>;

export const statementKinds = ["invitation", "join", "grant"] as const;
export type StatementKind = (typeof statementKinds)[number];

/** The bytes that get signed: one label a kind, so that no statement passes for another. */
export const statementMessage = (kind: StatementKind, text: string): Uint8Array =>
  toBytes(`handfast/${kind}/v1\0${text}`);

/** The text of a statement without its signature. */
export function unsignedText(statement: { readonly [member: string]: unknown }): string {
  const { sig: _sig, ...rest } = statement;
  return canonicalText(rest as Json);
}

const statementLimit = { bytes: 2 * linkRules.statementBytes, depth: limits.headerDepth };
const invitationMark = "hfinv1.";

/** One text, to be sent as a file, a link or a code. */
export const formatInvitation = (invitation: Invitation): string =>
  invitationMark + toB64u(toBytes(canonicalText(invitation as unknown as Json)));

/** The shape of an invitation; that it is true is for the federation service to check. */
export function parseInvitation(text: string): Gated<Invitation> {
  const trimmed = text.trim();
  const bytes = trimmed.startsWith(invitationMark) ? fromB64u(trimmed.slice(invitationMark.length)) : null;
  if (bytes === null) return { ok: false, code: "malformed", detail: "not an invitation" };
  return gate(bytes, Invitation, statementLimit);
}

/** What is kept of an invitation's token, and named in a join. */
export const invitationHash = (token: string): Hash =>
  toB64u(labelledHash("handfast/invitation-token/v1", token));

/* ---- calls over a link ---- */

/** Operations a peer may call. `answer.<rid>` comes beside them. */
export const callOps = [
  "hello",
  "sync.heads",
  "sync.range",
  "sync.push",
  "sync.proof",
  "sync.nudge",
  "payload.get",
  "payload.push",
  "link.renew",
  "link.close",
] as const;
export type CallOp = (typeof callOps)[number];

/** Refusals of a join, beside the protocol's. */
const joinRefusals = [
  "invitation-unknown",
  "invitation-used",
  "invitation-expired",
  "invitation-foreign",
  "invitation-tampered",
  "invitation-own",
  "key-replaced",
  "not-permitted",
] as const;

/** A refusal over a link, the same for every call. */
export const CallRefusal = z.object({
  ok: z.literal(false),
  code: z.enum([...refusalCodes, ...joinRefusals]),
  detail: z.string().max(300).optional(),
  retryAfterMs: z.int().min(0).optional(),
  size: z.int().min(0).optional(),
});
export type CallRefusal = Readonly<z.infer<typeof CallRefusal>>;

/** One log as a node holds it. The note proves the size; it is missing where only a nudge is meant. */
export const Head = z.object({
  by: PartnerId,
  log: LogId,
  size: z.int().min(0),
  note: z.string().max(4_096).optional(),
  /** Leaf hash of its last entry: says which history of the log, where its author signed several. */
  tip: Hash.optional(),
});
export type Head = Readonly<z.infer<typeof Head>>;

export const HelloRequest = z.object({
  protocols: z.array(z.string().max(32)).min(1).max(16),
  capabilities: z.array(z.string().max(64)).max(64),
  net: NetworkId,
  now: Milliseconds,
  /** Sizes, so that a lost last batch shows at the next heartbeat; a node with more logs leaves the rest to `sync.heads`. */
  heads: z.array(Head).max(linkRules.nudgeHeads),
});
export const HelloReply = z.object({
  ok: z.literal(true),
  protocol: z.literal(protocolVersion),
  capabilities: z.array(z.string().max(64)).max(64),
  limits: z.object({ frameBytes: z.int(), rangeEntries: z.int(), replyBytes: z.int() }),
  now: Milliseconds,
  heads: z.array(Head).max(linkRules.nudgeHeads),
});

/** Heads in ascending order of log ids, after `after`. */
export const HeadsRequest = z.object({
  net: NetworkId,
  after: LogId.optional(),
  limit: z.int().min(1).max(linkRules.headsPage),
});
export const HeadsPage = z.object({
  ok: z.literal(true),
  heads: z.array(Head).max(linkRules.headsPage),
  /** Ask again with this log as `after`; missing on the last page. */
  next: LogId.optional(),
});
export type HeadsPage = Readonly<z.infer<typeof HeadsPage>>;

/** The answer is a frame, or a refusal (which starts with `{`). */
export const RangeCall = z.object({
  net: NetworkId,
  log: LogId,
  from: z.int().min(0),
  limit: z.int().min(1).max(limits.rangeEntries),
  /** An entry of the history that is wanted; without it, that which the peer held first. */
  tip: z.object({ seq: z.int().min(0), hash: Hash }).optional(),
});
/** The request is a frame. `size`: how far the log is held now; `accepted`: how many of its entries were new. */
export const PushReply = z.object({ ok: z.literal(true), size: z.int().min(0), accepted: z.int().min(0) });

export const ProofCall = z.object({ log: LogId, from: z.int().min(0), to: z.int().min(0) });

/** States what this node holds, so that the peer fetches what it lacks. The answer says in how many logs the peer is behind. */
export const NudgeCall = z.object({ net: NetworkId, heads: z.array(Head).max(linkRules.nudgeHeads) });
export const NudgeReply = z.object({ ok: z.literal(true), lacking: z.int().min(0) });

/** An entry whose log may have several histories is named with its hash. */
const EntryName = z.union([Ref, PinnedRef]);
/** The answer may stop early where it would be too large: ask again for the rest. */
export const PayloadGet = z.object({
  net: NetworkId,
  refs: z.array(EntryName).min(1).max(limits.payloadRefs),
});
const HeldPayload = z.object({ ref: EntryName, salt: z.string().max(64), body: z.string().max(360_000) });
export const PayloadGetReply = z.object({
  ok: z.literal(true),
  payloads: z
    .array(
      z.union([
        HeldPayload,
        z.object({ ref: EntryName, state: z.enum(["withheld", "redacted", "not-held", "unknown"]) }),
      ]),
    )
    .max(limits.payloadRefs),
});
export const PayloadPush = z.object({
  net: NetworkId,
  payloads: z.array(HeldPayload).min(1).max(limits.payloadRefs),
});

export const RenewCall = z.object({ userKey: UserKey });
export const RenewReply = z.object({ ok: z.literal(true), jwt: Jwt, expires: Milliseconds });
export const CloseCall = z.object({ reason: z.string().max(200).optional() });

/** Host to dialer over `hf.v1.ask.<L>`; the dialer calls `answer.<rid>` with the reply. `q` is the request's text as a call would carry it. */
export const Ask = z.object({
  rid: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  op: z.enum(callOps),
  q: z.string(),
  /** How long the host waits, in milliseconds. */
  ttl: z.int().min(1).max(60_000),
});
export type Ask = Readonly<z.infer<typeof Ask>>;

/** JSON of a call, from foreign bytes; null where it is not JSON or does not fit. */
export function parseCall<T extends z.ZodType>(schema: T, bytes: Uint8Array): z.infer<T> | null {
  if (bytes.length > limits.frameBytes * 2) return null;
  const text = fromUtf8(bytes);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Foreign bytes that are not JSON are an expected refusal.
    return null;
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
