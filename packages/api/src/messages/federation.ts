/** What the gateway and the command line ask of the federation service (`hf.federation.<verb>`, account HOME). */
import { CallRefusal, Endpoints, linkRules, Milliseconds } from "@handfast/protocol/federation";
import { LogId, PartnerId } from "@handfast/protocol/ids";
import { z } from "zod";

/** A link as operators see it (`hf.federation.peers`). */
export const PeerStatus = z.strictObject({
  partner: PartnerId,
  name: z.string().optional(),
  role: z.enum(["host", "dialer"]),
  state: z.enum(["connected", "reconnecting", "closed"]),
  lastHeardAt: Milliseconds.nullable(),
  /** Logs in which one of the two is behind, by the last heads heard; `ours` and `theirs` are sizes. */
  lag: z.array(z.strictObject({ by: PartnerId, log: LogId, ours: z.int().min(0), theirs: z.int().min(0) })),
  /** Frames refused from this peer, by code, since the start. */
  refused: z.record(z.string(), z.int().min(1)),
  /** Until then nothing is taken from this peer, because of bad signatures. */
  pausedUntil: Milliseconds.nullable(),
  /** Why the link is not connected, where that is known, and what to do; null while it is. */
  why: z.string().nullable(),
  /** What this node holds of the peer's entries and how many it takes by the peer's standing; `waitMs`: for so long none, for its rate. */
  taken: z
    .strictObject({
      isMember: z.boolean(),
      entries: z.int().min(0),
      most: z.int().min(0),
      waitMs: z.int().min(0),
    })
    .nullable(),
  /** Their clock less ours at the last hello, in milliseconds. */
  clockSkewMs: z.int().nullable(),
  /** The nats-server behind the link: theirs where we dial, ours where we host. */
  serverVersion: z.string().nullable(),
});
export type PeerStatus = Readonly<z.infer<typeof PeerStatus>>;
export const PeersReply = z.strictObject({ peers: z.array(PeerStatus) });

export const InviteRequest = z.strictObject({
  endpoints: Endpoints.optional(),
  validHours: z.number().positive().max(linkRules.invitationHours).optional(),
});
export const InviteReply = z.union([
  z.strictObject({ ok: z.literal(true), invitation: z.string(), expires: Milliseconds }),
  CallRefusal,
]);
export type InviteReply = z.infer<typeof InviteReply>;
export const AcceptRequest = z.strictObject({ invitation: z.string().max(262_144) });
export const AcceptReply = z.union([
  z.strictObject({ ok: z.literal(true), peer: PartnerId }),
  /** Nobody answered at the invitation's endpoints: try again later. */
  z.strictObject({ ok: z.literal(false), code: z.literal("inviter-unreachable"), detail: z.string() }),
  CallRefusal,
]);
export type AcceptReply = z.infer<typeof AcceptReply>;
export const CutOffRequest = z.strictObject({ partner: PartnerId });
export const CutOffReply = z.strictObject({ ok: z.literal(true), links: z.int().min(0) });
/** Opens the closed links with a partner again. */
export const RestoreRequest = CutOffRequest;
export const RestoreReply = CutOffReply;
