/** Our own log when this node cannot be sure of it: the operator vouches for it, or has it closed and the next one opened. */
import { type LedgerStatus, OpenNextRequest } from "@handfast/api/messages/ledger";
import type { OwnLogView } from "@handfast/api/views/node";
import { LogId } from "@handfast/protocol/ids";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { access } from "./access.ts";
import { problemResponses } from "./openapi.ts";
import { ProblemError } from "./problem.ts";

export type OwnLogPort = Pick<LedgerClient, "status" | "confirm" | "openNext">;

/** What the node says of its own log. */
export const ownLogView = ({ log, size, doubt, clock }: LedgerStatus): OwnLogView => ({
  log,
  size,
  doubt,
  clock,
});

export function ownLogRoutes(app: FastifyInstance, ledger: OwnLogPort): void {
  app.post(
    "/v1/log/confirm",
    {
      config: { access: access.steward },
      schema: {
        operationId: "log.confirm",
        tags: ["node"],
        summary: "Say that this data folder is the newest of its log: the node goes on in it.",
        response: { 200: z.object({ log: LogId }), ...problemResponses },
      },
    },
    async () => {
      const reply = await ledger.confirm();
      if (!reply.ok) throw new ProblemError("own-log-unsure", { detail: reply.doubt.detail });
      return { log: (await ledger.status()).log };
    },
  );
  app.post(
    "/v1/log/next",
    {
      config: { access: access.steward },
      schema: {
        operationId: "log.next",
        tags: ["node"],
        summary: "Close this node's log where it ends, and open the next one.",
        body: OpenNextRequest,
        response: {
          201: z.object({ log: LogId, previous: z.object({ log: LogId, size: z.int() }) }),
          ...problemResponses,
        },
      },
    },
    async (request, reply) => {
      const opened = await ledger.openNext(request.body as z.infer<typeof OpenNextRequest>);
      if (!opened.ok) throw new ProblemError(`next-log-${opened.code}`, { detail: opened.detail });
      reply.code(201);
      return { log: opened.log, previous: opened.previous };
    },
  );
}
