/** Bodies are JSON through the gate, or nothing: every other media type is refused before it is read. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { limits } from "./config.ts";
import { readJsonBody } from "./json-gate.ts";

export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    // The framework hands the charset over quoted, whether or not it came so (RFC 9110 section 8.3.1 allows both).
    /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i,
    { parseAs: "buffer" },
    async (request: FastifyRequest, bytes: Buffer) =>
      readJsonBody(bytes, request.routeOptions.bodyLimit ?? limits.bodyBytes),
  );
}
