/** HSTS, but only in answers that came by TLS (RFC 6797 section 7.2): the node itself speaks plain HTTP, a proxy in front may not. */
import type { FastifyInstance } from "fastify";

const yearSeconds = 31_536_000;

export function promiseTls(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    if (request.protocol === "https") reply.header("strict-transport-security", `max-age=${yearSeconds}`);
  });
}
