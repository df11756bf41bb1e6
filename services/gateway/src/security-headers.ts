/**
 * The headers that keep a browser from being fooled, in every answer. They are the same for all of them, so they are made once.
 * HSTS is not among them: only answers by TLS may carry it (`promise-tls.ts`).
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import helmet from "helmet";

export function sendSecurityHeaders(app: FastifyInstance): void {
  const headers = securityHeaders();
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(headers);
  });
}

function securityHeaders(): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => {},
  };
  const set = helmet({
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    strictTransportSecurity: false,
  });
  set({} as IncomingMessage, response as unknown as ServerResponse, (err) => {
    if (err instanceof Error) throw err;
  });
  return headers;
}
