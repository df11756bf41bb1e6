/** The federation service as the gateway asks it, over the bus. Every answer is checked once, where it arrives. */
import {
  AcceptReply,
  CutOffReply,
  InviteReply,
  type InviteRequest,
  PeersReply,
  RestoreReply,
} from "@handfast/api/messages/federation";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { decodeJson } from "@handfast/bus/json";
import { toBytes } from "@handfast/protocol/bytes";
import type { PartnerId } from "@handfast/protocol/ids";
import type { z } from "zod";
import { limits } from "./config.ts";

export type FederationClient = ReturnType<typeof createFederationClient>;

/** Every method throws a `BusError` when the service cannot be reached. */
export function createFederationClient(bus: Bus) {
  const ask =
    <Reply extends z.ZodType>(verb: string, schema: Reply, timeoutMs: number = limits.commandTimeoutMs) =>
    async (request: object): Promise<z.infer<Reply>> => {
      const subject = subjects.service("federation", verb);
      const { data } = await bus.request(subject, toBytes(JSON.stringify(request)), { timeoutMs });
      const reply = decodeJson(schema, data);
      if (reply.ok) return reply.value as z.infer<Reply>;
      throw new Error(`the answer to ${verb} does not fit its schema`, { cause: reply.error });
    };
  const peers = ask("peers", PeersReply, limits.statusTimeoutMs);
  const invite = ask("invite", InviteReply);
  const accept = ask("accept", AcceptReply, limits.acceptTimeoutMs);
  const cutOff = ask("cut-off", CutOffReply);
  const restore = ask("restore", RestoreReply);
  return {
    peers: async () => (await peers({})).peers,
    createInvitation: (asked: z.infer<typeof InviteRequest>) => invite(asked),
    acceptInvitation: (invitation: string) => accept({ invitation }),
    /** How many links with this partner there were. */
    cutOff: async (partner: PartnerId) => (await cutOff({ partner })).links,
    /** How many closed links with this partner are open again. */
    restore: async (partner: PartnerId) => (await restore({ partner })).links,
  };
}
