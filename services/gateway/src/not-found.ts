/** Where no route is: 405 with the methods there are when the path has some, else 404. */
import type { FastifyInstance } from "fastify";
import { sendProblem } from "./problem.ts";

export function answerUnrouted(app: FastifyInstance): void {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ""] = request.url.split("?", 1);
    const methods = routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
    if (methods.length === 0 || methods.includes(request.method))
      return sendProblem(request, reply, "no-such-route");
    return sendProblem(request, reply, "method-not-allowed", { allow: [...new Set(methods)] });
  });
}

/** `/v1/partners/:id` as a pattern: a parameter is one segment, a star is anything. */
function patternOf(url: string): RegExp {
  const source = url
    .replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/:[A-Za-z]+/g, "[^/]+")
    .replaceAll("*", ".*");
  return new RegExp(`^${source}/?$`);
}
