/**
 * The first look at a request, before any route: one Host that this node answers by, a target that is a path, and no HTTP header
 * that a program could take for something of its own.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "./problem.ts";

const loopback = ["localhost", "127.0.0.1", "[::1]"];
const refusedNames = new Set(["__proto__", "constructor", "prototype"]);

/** @param allowedHosts Names beside loopback ones, without port. */
export function guardFront(app: FastifyInstance, allowedHosts: readonly string[]): void {
  const hosts = new Set([...loopback, ...allowedHosts.map((host) => host.toLowerCase())]);
  app.addHook("onRequest", async (request) => {
    const names = request.raw.rawHeaders
      .filter((_, index) => index % 2 === 0)
      .map((name) => name.toLowerCase());
    if (names.filter((name) => name === "host").length !== 1) throw new ProblemError("request-malformed");
    if (names.some((name) => refusedNames.has(name))) throw new ProblemError("request-malformed");
    if (request.raw.url?.startsWith("/") !== true) throw new ProblemError("request-malformed");
    if (!hosts.has(hostOf(request))) throw new ProblemError("host-unknown");
  });
}

const hostOf = (request: FastifyRequest): string =>
  (request.headers.host ?? "").toLowerCase().replace(/:\d{1,5}$/, "");
