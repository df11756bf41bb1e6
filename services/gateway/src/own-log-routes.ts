/** Our own log when this node cannot be sure of it: the operator vouches for it, or has it closed and the next one opened. */
import type { LedgerStatus } from "@handfast/api/messages/ledger";
import { AskRootRequest, KeysReply, OpenNextRequest, TakeRootRequest } from "@handfast/api/messages/own-log";
import type { OwnLogView } from "@handfast/api/views/node";
import { LogId } from "@handfast/protocol/ids";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { access } from "./access.ts";
import { problemResponses } from "./openapi.ts";
import { ProblemError } from "./problem.ts";

export type OwnLogPort = Pick<
  LedgerClient,
  "status" | "confirm" | "openNext" | "keys" | "askRoot" | "takeRoot"
>;

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
  rootRoutes(app, ledger);
}

/** The root key lies elsewhere: its signature is asked for, and given back, as text. */
function rootRoutes(app: FastifyInstance, ledger: OwnLogPort): void {
  app.get(
    "/v1/log/keys",
    {
      config: { access: access.read },
      schema: {
        operationId: "log.keys",
        tags: ["node"],
        summary: "The keys in force in this node's log; public keys only.",
        response: { 200: KeysReply.meta({ id: "LogKeys" }), ...problemResponses },
      },
    },
    () => ledger.keys(),
  );
  app.post(
    "/v1/log/request",
    {
      config: { access: access.steward },
      schema: {
        operationId: "log.request",
        tags: ["node"],
        summary:
          "Ask for a next log that the root key opens, with a new log key. Nothing is signed until its answer.",
        body: AskRootRequest,
        response: { 201: z.object({ header: z.string() }), ...problemResponses },
      },
    },
    async (request, reply) => {
      const asked = await ledger.askRoot(request.body as z.infer<typeof AskRootRequest>);
      if (!asked.ok) throw new ProblemError(`next-log-${asked.code}`, { detail: asked.detail });
      reply.code(201);
      return { header: asked.header };
    },
  );
  app.post(
    "/v1/log/answer",
    {
      config: { access: access.steward },
      schema: {
        operationId: "log.answer",
        tags: ["node"],
        summary: "Open the log that the root key signed for; without a note, take the request back.",
        body: TakeRootRequest,
        response: { 200: z.object({ log: LogId }), ...problemResponses },
      },
    },
    async (request) => {
      const taken = await ledger.takeRoot(request.body as z.infer<typeof TakeRootRequest>);
      if (!taken.ok) throw new ProblemError(`next-log-${taken.code}`, { detail: taken.detail });
      return { log: taken.log };
    },
  );
}
