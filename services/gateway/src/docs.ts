/**
 * The API's documentation at /docs, served from here without any other host. Its page boots from an inline script, which gets
 * a content policy of its own: exactly these scripts, by their hashes.
 */
import { createHash } from "node:crypto";
import scalar from "@scalar/fastify-api-reference";
import type { FastifyInstance } from "fastify";

export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(async (docs) => {
    docs.addHook("onRoute", (route) => {
      route.config = { ...route.config, access: "public" };
      route.schema = { ...route.schema, hide: true };
    });
    docs.addHook("onSend", async (_request, reply, payload) => {
      reply.header("content-security-policy", policyFor(typeof payload === "string" ? payload : ""));
      return payload;
    });
    // Where somebody lands who types the node's address into a browser.
    docs.get("/", async (_request, reply) => reply.redirect("/docs/"));
    await docs.register(scalar, {
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
  });
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
