/** What the rest of this node asks of federation over the bus: micro service `federation` in account HOME. */

import {
  AcceptReply,
  AcceptRequest,
  CutOffReply,
  CutOffRequest,
  InviteReply,
  InviteRequest,
  PeersReply,
  RestoreReply,
  RestoreRequest,
} from "@handfast/api/messages/federation";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus, Endpoint } from "@handfast/bus/bus";
import { decodeJson, encodeJson, type Schema } from "@handfast/bus/json";
import { z } from "zod";
import type { Federation } from "./service.ts";

const Nothing = z.strictObject({});
const badRequest = { failure: { code: "malformed", status: 400 } } as const;

/** Serves `hf.federation.{peers,invite,accept,cut-off,restore}`. */
export function serveAtHome(
  home: Bus,
  federation: Omit<Federation, keyof AsyncDisposable>,
): Promise<AsyncDisposable> {
  const endpoint = <Request, Reply>(
    verb: string,
    request: Schema<Request>,
    reply: Schema<Reply>,
    answer: (asked: Request) => Promise<Reply>,
  ): Endpoint => ({
    name: verb,
    subject: subjects.service("federation", verb),
    handler: async (data) => {
      const asked = decodeJson(request, data.length === 0 ? new TextEncoder().encode("{}") : data);
      return asked.ok ? encodeJson(reply, await answer(asked.value)) : badRequest;
    },
  });
  return home.serve({
    name: "federation",
    version: "1.0.0",
    description: "links to other partners' nodes",
    endpoints: [
      endpoint("peers", Nothing, PeersReply, async () => ({ peers: [...federation.peers()] })),
      endpoint("invite", InviteRequest, InviteReply, ({ endpoints, validHours }) =>
        federation.createInvitation({
          ...(endpoints === undefined ? {} : { endpoints }),
          ...(validHours === undefined ? {} : { validHours }),
        }),
      ),
      endpoint("accept", AcceptRequest, AcceptReply, ({ invitation }) =>
        federation.acceptInvitation(invitation),
      ),
      endpoint("cut-off", CutOffRequest, CutOffReply, async ({ partner }) => ({
        ok: true as const,
        links: await federation.cutOff(partner),
      })),
      endpoint("restore", RestoreRequest, RestoreReply, async ({ partner }) => ({
        ok: true as const,
        links: await federation.restore(partner),
      })),
    ],
  });
}
