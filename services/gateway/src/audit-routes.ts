/** The audit bundle, streamed as it is made. */
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { access } from "./access.ts";
import { type BundleFacts, writeBundle } from "./bundle.ts";
import type { LedgerArchive } from "./ledger-archive.ts";
import { problemResponses } from "./openapi.ts";

export type AuditRoutes = {
  readonly archive: LedgerArchive;
  readonly facts: Omit<BundleFacts, "exportedAt">;
  readonly now: () => number;
};

export function auditRoutes(app: FastifyInstance, { archive, facts, now }: AuditRoutes): void {
  app.get(
    "/v1/audit/bundle",
    {
      config: { access: access.audit },
      schema: {
        operationId: "audit.bundle",
        tags: ["audit"],
        summary: "Everything an auditor needs, in one file: docs/reference/bundle.md.",
        response: {
          200: {
            description: "The bundle",
            content: { "application/vnd.handfast.bundle": { schema: z.string() } },
          },
          ...problemResponses,
        },
      },
    },
    async (request, reply) => {
      reply.type("application/vnd.handfast.bundle").header("cache-control", "no-store");
      if (request.method === "HEAD") return reply.send();
      const bundle = writeBundle(archive, { ...facts, exportedAt: now() });
      // Begun before the status is sent: where the ledger cannot be asked, this is a problem and no broken file.
      const first = await bundle.next();
      const begun = await bundle.next();
      const rest = async function* () {
        if (!first.done) yield first.value;
        if (!begun.done) yield begun.value;
        yield* bundle;
      };
      return reply
        .header("content-disposition", 'attachment; filename="handfast.bundle"')
        .send(Readable.from(rest(), { objectMode: false }));
    },
  );
}
