/** Our own log when this node cannot be sure of it: the operator vouches for it, or has it closed and the next one opened. */
import { type LedgerStatus, OpenNextRequest } from "@handfast/api/messages/ledger";
import type { OwnLogView } from "@handfast/api/views/node";
import { LogId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { access } from "./access.ts";
import { problemResponses } from "./openapi.ts";
import { ProblemError } from "./problem.ts";

export type OwnLogPort = Pick<LedgerClient, "status" | "confirm" | "openNext">;

/** What the ledger says of our own log, and whether it writes. @throws Where it does not answer. */
export async function ownLogView(
  ledger: Pick<OwnLogPort, "status">,
): Promise<{ readonly view: OwnLogView; readonly writing: LedgerStatus["writing"] }> {
  const { log, size, doubt, clock, writing } = await ledger.status();
  return { view: { log, size, doubt, clock }, writing };
}

/** What keeps the node from signing, in words; none where it signs. */
export function troublesOf({ doubt, clock }: Pick<OwnLogView, "doubt" | "clock">): readonly string[] {
  const seconds = (ms: number): number => Math.round(ms / 1_000);
  return [
    ...(doubt === null ? [] : [`nothing of this node's own is signed: ${doubt.detail} (handfast log)`]),
    ...(clock.aheadOfPeersMs > limits.futureMs
      ? [
          `nothing is signed: the clock is ${seconds(clock.aheadOfPeersMs)} s ahead of the peers' clocks: set it`,
        ]
      : []),
    ...(clock.lastEntryAheadMs > limits.futureMs
      ? [
          `nothing is signed: the log's last entry is ${seconds(clock.lastEntryAheadMs)} s ahead of the clock (handfast log)`,
        ]
      : []),
  ];
}

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
