/**
 * The API's documentation at /docs, served from here without any other host. Its page boots from an inline script, which gets
 * a content policy of its own: exactly these scripts, by their hashes. It is five megabytes of JavaScript, which is loaded when
 * somebody looks at it, and never by most nodes.
 */
import { createHash } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

export function serveDocs(app: FastifyInstance): void {
  let opening: Promise<FastifyInstance> | undefined;
  app.addHook("onClose", async () => void (await (await opening)?.close()));
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    opening ??= openPages();
    const pages = await opening;
    const { statusCode, headers, rawPayload } = await pages.inject({ method: "GET", url: request.url });
    const { connection: _connection, "content-length": _length, ...own } = headers;
    return reply.code(statusCode).headers(own).send(rawPayload);
  };
  const options = { config: { access: "public" }, schema: { hide: true } } as const;
  // Where somebody lands who types the node's address into a browser.
  app.get("/", options, async (_request, reply) => reply.redirect("/docs/"));
  app.get("/docs", options, answer);
  app.get("/docs/*", options, answer);
}

async function openPages(): Promise<FastifyInstance> {
  const { default: scalar } = await import("@scalar/fastify-api-reference");
  const pages = Fastify();
  pages.addHook("onSend", async (_request, reply, payload) => {
    reply.header("content-security-policy", policyFor(typeof payload === "string" ? payload : ""));
    return payload;
  });
  await pages.register(scalar, {
    routePrefix: "/docs",
    configuration: {
      url: "/openapi.json",
      title: "Handfast",
      withDefaultFonts: false,
      telemetry: false,
      // What leads to its makers' services is left out: a node's documents know this node only.
      showDeveloperTools: "never",
      hideClientButton: true,
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
  await pages.ready();
  return pages;
}

function policyFor(html: string): string {
  const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script = ""]) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  );
  return [
    "default-src 'self'",
    `script-src 'self' ${inline.join(" ")}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}
