/** What travels between the gateway and `partnership`, which decides commands. */
import { Hash, LineRef, PartnerId, PinnedRef } from "@handfast/protocol/ids";
import { z } from "zod";
import { roles } from "../verbs/define.ts";

/** What the gateway asks of `partnership`, on `hf.partnership.<thing>.<verb>`. */
export const CommandRequest = z.strictObject({
  /** The thing acted on; a partner by its id, its sponsorship or its membership. Null: the command creates it. */
  on: z.union([LineRef, PartnerId, z.null()]),
  /** Checked against the verb's own schema by the service. */
  body: z.record(z.string(), z.unknown()),
  /** Who in the organization acted: a pseudonym, kept in the payload. */
  actor: z.string().max(64),
  role: z.enum(roles),
  /** b64u SHA-256 of principal and Idempotency-Key; the ledger keeps it with the entries for seven days. */
  key: Hash,
  /** b64u SHA-256 of the canonical command: the same key with another command is refused. */
  request: Hash,
  /** The ETag the caller saw, where it sent If-Match. */
  ifMatch: Hash.optional(),
});
export type CommandRequest = z.infer<typeof CommandRequest>;

/** What it answers. */
export const CommandReply = z.discriminatedUnion("ok", [
  z.strictObject({
    ok: z.literal(true),
    /** The appended entries, in order. */
    refs: z.array(PinnedRef),
    /** The thing acted on: its creating entry, or a partner's id. */
    id: z.string(),
    /** This node's position of the last of them. */
    position: z.int(),
    /** The same key had been answered before. */
    replayed: z.boolean(),
    /** The code it would have been refused with, were it not imported. */
    waived: z.string().optional(),
    /** The thing as it is at that position, in the form of its collection; null where the view is not that far yet. */
    view: z.looseObject({ etag: Hash }).nullable(),
  }),
  z.strictObject({
    ok: z.literal(false),
    code: z.string(),
    detail: z.string().optional(),
    actual: z.string().optional(),
  }),
]);
export type CommandReply = z.infer<typeof CommandReply>;

/** How partnership is (`hf.partnership.status`; the request is empty). */
export const PartnershipStatus = z.strictObject({
  /** How far its views are, in this node's order of arrival. */
  position: z.int().min(0),
  /** Whether the ledger answered when it was asked last. */
  isFollowing: z.boolean(),
});
export type PartnershipStatus = z.infer<typeof PartnershipStatus>;
