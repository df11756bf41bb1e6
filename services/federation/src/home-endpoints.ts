/** What the rest of this node asks of federation over the bus: micro service `federation` in account HOME. */

import {
  type AcceptReply,
  AcceptRequest,
  type CutOffReply,
  CutOffRequest,
  type InviteReply,
  InviteRequest,
  type PeersReply,
  type RestoreReply,
  RestoreRequest,
} from "@handfast/api/messages/federation";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus, Endpoint } from "@handfast/bus/bus";
import { decodeJson, encodeJson, type Schema } from "@handfast/bus/json";
import { z } from "zod";
import type { Federation } from "./service.ts";
import { refusalOf } from "./statements.ts";

const Nothing = z.strictObject({});
const badRequest = { failure: { code: "malformed", status: 400 } } as const;

/** Serves `hf.federation.{peers,invite,accept,cut-off,restore}`. */
export function serveAtHome(
  home: Bus,
  federation: Omit<Federation, keyof AsyncDisposable>,
): Promise<AsyncDisposable> {
  const endpoint = <Request, Reply extends object>(
    verb: string,
    request: Schema<Request>,
    answer: (asked: Request) => Promise<Reply>,
  ): Endpoint => ({
    name: verb,
    subject: subjects.service("federation", verb),
    handler: async (data) => {
      const asked = decodeJson(request, data.length === 0 ? new TextEncoder().encode("{}") : data);
      return asked.ok ? encodeJson(await answer(asked.value)) : badRequest;
    },
  });
  return home.serve({
    name: "federation",
    version: "1.0.0",
    description: "links to other partners' nodes",
    endpoints: [
      endpoint(
        "peers",
        Nothing,
        async (): Promise<z.infer<typeof PeersReply>> => ({ peers: [...federation.peers()] }),
      ),
      endpoint(
        "invite",
        InviteRequest,
        ({ endpoints, validHours }): Promise<z.infer<typeof InviteReply>> =>
          federation
            .createInvitation({
              ...(endpoints === undefined ? {} : { endpoints }),
              ...(validHours === undefined ? {} : { validHours }),
            })
            .catch(refusalOf),
      ),
      endpoint(
        "accept",
        AcceptRequest,
        ({ invitation }): Promise<z.infer<typeof AcceptReply>> => federation.acceptInvitation(invitation),
      ),
      endpoint(
        "cut-off",
        CutOffRequest,
        async ({ partner }): Promise<z.infer<typeof CutOffReply>> => ({
          ok: true as const,
          links: await federation.cutOff(partner),
        }),
      ),
      endpoint(
        "restore",
        RestoreRequest,
        async ({ partner }): Promise<z.infer<typeof RestoreReply>> => ({
          ok: true as const,
          links: await federation.restore(partner),
        }),
      ),
    ],
  });
}
