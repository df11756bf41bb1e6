/** Bodies are JSON through the gate, or nothing: every other media type is refused before it is read. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { limits } from "./config.ts";
import { readJsonBody } from "./json-gate.ts";

export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    /^application\/json(?:; ?charset=utf-8)?$/i,
    { parseAs: "buffer" },
    async (request: FastifyRequest, bytes: Buffer) =>
      readJsonBody(bytes, request.routeOptions.bodyLimit ?? limits.bodyBytes),
  );
}
