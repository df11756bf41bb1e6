/** Reading things: each collection in order of arrival, page by page, and each thing by its id; as of any moment. */

import type { Collection } from "@handfast/api/verbs";
import { atMoment, collections, pageOf, paging } from "@handfast/api/views/answers";
import { ThreadView } from "@handfast/api/views/conversation";
import { type ListFilters, listFilters } from "@handfast/api/views/filters";
import { PartnerIdOrName } from "@handfast/api/views/named";
import { LineRef } from "@handfast/protocol/ids";
import type { Reads, ThingFilter } from "@handfast/views/reads";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { access } from "./access.ts";
import type { Cursors } from "./cursors.ts";
import { type AskedMoment, momentOf } from "./moments.ts";
import { problemResponses } from "./openapi.ts";
import { partnerIdOf } from "./partner-names.ts";
import { ProblemError } from "./problem.ts";

/** What a thing shows on its own page. */
const pages = { ...collections, conversations: ThreadView } as const;

const nouns = {
  initiatives: "initiative",
  commitments: "commitment",
  challenges: "challenge",
  conversations: "conversation",
  partners: "partner",
} as const;

type Query = AskedMoment & ListFilters & { readonly after?: string; readonly limit: number };

/** @throws {ProblemError} `unknown-partner`, `ambiguous-partner` */
async function filterOf({ overdue, partner, ...query }: Query, reads: Reads): Promise<ThingFilter> {
  const { externalId, initiative, state, dueBefore, dueAfter, text, about, as, waiting, reviewBefore } =
    query;
  const filter = {
    externalId,
    initiative,
    state: state ?? as,
    dueBefore: dueBefore ?? reviewBefore,
    dueAfter,
    text,
    about,
    waiting,
    overdue: overdue === undefined ? undefined : overdue === "true",
    partner: partner === undefined ? undefined : await partnerIdOf(partner, "partner", reads),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

export function collectionRoutes(app: FastifyInstance, reads: Reads, cursors: Cursors): void {
  for (const collection of Object.keys(collections) as Collection[]) {
    addList(app, collection, reads, cursors);
    addOne(app, collection, reads);
  }
}

function addList(app: FastifyInstance, collection: Collection, reads: Reads, cursors: Cursors): void {
  app.get(
    `/v1/${collection}`,
    {
      config: { access: access.read },
      schema: {
        operationId: `${collection}.list`,
        tags: [collection],
        summary: `All ${collection}, in this node's order of arrival.`,
        querystring: z.strictObject({ ...paging, ...atMoment, ...listFilters[collection] }),
        response: { 200: pageOf(collections[collection]), ...problemResponses },
      },
    },
    async (request, reply) => {
      const asked = request.query as Query;
      const page = await reads.list(collection, {
        ...(await filterOf(asked, reads)),
        at: momentOf(asked),
        after: await cursors.position(collection, asked.after),
        limit: asked.limit,
      });
      const next = page.next === null ? null : await cursors.at(collection, page.next);
      if (next !== null) {
        const query = new URLSearchParams(request.query as Record<string, string>);
        query.set("after", next);
        reply.header("link", `</v1/${collection}?${query}>; rel="next"`);
      }
      reply.header("handfast-position", reads.position);
      return { items: page.items, next, position: reads.position };
    },
  );
}

function addOne(app: FastifyInstance, collection: Collection, reads: Reads): void {
  app.get(
    `/v1/${collection}/:id`,
    {
      config: { access: access.read },
      schema: {
        operationId: `${collection}.one`,
        tags: [collection],
        summary:
          collection === "conversations"
            ? "One conversation, with all that was said in it."
            : `One ${nouns[collection]}.`,
        params: z.object({ id: collection === "partners" ? PartnerIdOrName : LineRef }),
        querystring: z.strictObject(atMoment),
        response: { 200: pages[collection], ...problemResponses },
      },
    },
    async (request, reply) => {
      const given = (request.params as { readonly id: string }).id;
      const id = collection === "partners" ? await partnerIdOf(given, "id", reads) : given;
      const at = momentOf(request.query as AskedMoment);
      const view = await (collection === "conversations"
        ? reads.thread(id, at)
        : reads.one(collection, id, at));
      if (view === null) throw new ProblemError("not-found");
      reply.header("handfast-position", reads.position);
      // The past does not change by what is done now, so only the present has a revision to hold on to.
      if (at === null) reply.header("etag", `"${view.etag}"`);
      return view;
    },
  );
}
