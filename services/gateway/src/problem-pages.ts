/** `/problems/<code>`: each node documents its own problems, for people and, as JSON, for programs. */

import { Problem } from "@handfast/api/views/answers";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { ProblemError, problemMediaType } from "./problem.ts";
import { isProblemCode, type ProblemCode, problems } from "./problems.ts";

const ProblemPage = z
  .object({ code: z.string(), status: z.int().min(400).max(599), title: z.string(), tryThis: z.string() })
  .meta({ id: "ProblemPage" });

export function problemPages(app: FastifyInstance): void {
  app.get("/problems", { config: { access: "public" }, schema: { hide: true } }, async (_request, reply) =>
    reply.type("text/html; charset=utf-8").send(
      page(
        "Problems",
        `<ul>${Object.keys(problems)
          .map((code) => `<li><a href="/problems/${code}">${code}</a></li>`)
          .join("")}</ul>`,
      ),
    ),
  );
  app.get(
    "/problems/:code",
    {
      config: { access: "public" },
      schema: {
        security: [],
        operationId: "problem",
        tags: ["node"],
        summary: "What a problem means and what to try.",
        params: z.object({ code: z.string().max(64) }),
        response: {
          200: ProblemPage,
          404: {
            description: "No problem has this code",
            content: { [problemMediaType]: { schema: Problem } },
          },
        },
      },
    },
    async (request, reply) => {
      const { code } = request.params as { code: string };
      if (!isProblemCode(code)) throw new ProblemError("no-such-problem");
      if (request.headers.accept?.includes("text/html") !== true) return { code, ...problems[code] };
      return reply
        .type("text/html; charset=utf-8")
        .serializer((body: unknown) => String(body))
        .send(pageOf(code));
    },
  );
}

function pageOf(code: ProblemCode): string {
  const { status, title, tryThis } = problems[code];
  return page(
    code,
    `<p><strong>${escaped(title)}</strong></p><p>What to try: ${escaped(tryThis)}</p><p>HTTP status ${status}.</p><p><a href="/problems">All problems</a></p>`,
  );
}

const style =
  "body{max-width:40rem;margin:3rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color-scheme:light dark}";

const page = (title: string, content: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style><h1>${escaped(title)}</h1>${content}</html>`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
