/** The history: pages of events with their outcomes, and a stream that goes on where a client left off. */

import { atMoment, pageOf, paging } from "@handfast/api/views/answers";
import { EventView } from "@handfast/api/views/event";
import { PartnerIdOrName } from "@handfast/api/views/named";
import { EventType } from "@handfast/protocol/header";
import { LineRef, NetworkId } from "@handfast/protocol/ids";
import type { EventFilter } from "@handfast/views/reads";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { access, principalOf } from "./access.ts";
import { openStreams, type StreamsOptions } from "./event-stream.ts";
import { type AskedMoment, momentOf } from "./moments.ts";
import { problemResponses } from "./openapi.ts";
import { type PartnerReads, partnerIdOf } from "./partner-names.ts";

const filter = {
  type: EventType.optional(),
  subject: z.union([LineRef, NetworkId]).optional().describe("A thing's id, or the network's"),
  by: PartnerIdOrName.optional(),
} as const;
/** A cursor of a page, or a position as events and streams carry it. */
const after = z.string().max(256).optional().describe("The `next` of the page before, or a position");

const streamAfter = z
  .string()
  .max(256)
  .optional()
  .describe("Begin behind this position, or behind the `next` of a page; 0 for the whole history");
const StreamHeaders = z.looseObject({
  "last-event-id": z
    .string()
    .optional()
    .describe("The `id` of the last event received: the stream goes on behind it. Wins over `after`"),
});

type Asked = AskedMoment & { after?: string; limit: number; type?: string; subject?: string; by?: string };

export function eventRoutes(app: FastifyInstance, options: StreamsOptions): void {
  const { reads, cursors } = options;
  app.get(
    "/v1/events",
    {
      config: { access: access.read },
      schema: {
        operationId: "events.list",
        tags: ["events"],
        summary: "The history in this node's order of arrival, each entry with its outcome.",
        querystring: z.strictObject({ ...paging, after, ...atMoment, ...filter }),
        response: { 200: pageOf(EventView), ...problemResponses },
      },
    },
    async (request, reply) => {
      const asked = request.query as Asked;
      const page = await reads.events({
        ...(await filterOf(asked, reads)),
        at: momentOf(asked),
        after: await cursors.position("events", asked.after),
        limit: asked.limit,
      });
      const next = page.next === null ? null : await cursors.at("events", page.next);
      if (next !== null) {
        const query = new URLSearchParams(request.query as Record<string, string>);
        query.set("after", next);
        reply.header("link", `</v1/events?${query}>; rel="next"`);
      }
      reply.header("handfast-position", reads.position);
      return { items: page.items, next, position: reads.position };
    },
  );

  const streams = openStreams(options);
  app.addHook("preClose", async () => streams.close());
  app.get(
    "/v1/events/stream",
    {
      config: { access: access.read },
      schema: {
        operationId: "events.stream",
        tags: ["events"],
        summary:
          "Events as they come (server-sent events). Begins with what comes next; `after=0` begins with the first entry this node holds, `Last-Event-ID` or `after` goes on behind an event.",
        headers: StreamHeaders,
        querystring: z.strictObject({ after: streamAfter, ...filter }),
        response: {
          200: {
            description: "Events, each with its cursor as id",
            content: { "text/event-stream": { schema: z.string() } },
          },
          ...problemResponses,
        },
      },
    },
    async (request, reply) => {
      if (request.method === "HEAD") return reply.type("text/event-stream; charset=utf-8").send();
      const asked = request.query as Asked;
      const last = request.headers["last-event-id"];
      const from = typeof last === "string" ? last : asked.after;
      const position = from === undefined ? reads.position : await cursors.position("events", from);
      await streams.begin(
        principalOf(request).id,
        { ...(await filterOf(asked, reads)), after: position },
        request,
        reply,
      );
      return reply;
    },
  );
}

const filterOf = async ({ type, subject, by }: Asked, reads: PartnerReads): Promise<EventFilter> => ({
  ...(type === undefined ? {} : { type }),
  ...(subject === undefined ? {} : { subject }),
  ...(by === undefined ? {} : { by: await partnerIdOf(by, "by", reads) }),
});
