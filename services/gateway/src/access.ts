/**
 * Who may do what: every route declares its policy, a route without one does not start, and a request without a token of a
 * fitting role goes no further. Default is no.
 */
import type { Role } from "@handfast/api/verb";
import type { FastifyInstance, FastifyRequest, RouteOptions } from "fastify";
import { ProblemError } from "./problem.ts";
import type { Principal, Tokens } from "./tokens.ts";

/** `public` needs no token; else the roles that may. */
type Access = "public" | readonly Role[];

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    principal: Principal | null;
  }
}

/** Roles that may look, act, steward, and take the whole history along. */
export const access = {
  read: ["viewer", "member", "steward", "auditor"],
  member: ["member", "steward"],
  steward: ["steward"],
  audit: ["auditor", "steward"],
} as const satisfies Record<string, readonly Role[]>;

export type AccessOptions = {
  readonly tokens: Pick<Tokens, "authenticate">;
  readonly now: () => number;
  /** Unknown tokens from one address in a minute; further ones are answered 429. Valid ones always get in. */
  readonly failuresPerMinute: number;
};

/** @throws {Error} At start, for a route that declares no policy. */
export function guardAccess(app: FastifyInstance, { tokens, now, failuresPerMinute }: AccessOptions): void {
  app.decorateRequest("principal", null);
  const routes: RouteOptions[] = [];
  app.addHook("onRoute", (route) => void routes.push(route));
  app.addHook("onReady", async () => {
    const open = routes.filter((route) => route.config?.access === undefined);
    if (open.length > 0) throw new Error(`no access policy: ${open.map(({ url }) => url).join(", ")}`);
  });
  const failures = createCounter(failuresPerMinute, now);

  app.addHook("onRequest", async (request) => {
    if (request.is404) return;
    const policy = request.routeOptions.config.access;
    if (policy === "public") return;
    const text = bearerOf(request);
    const principal = text === null ? null : tokens.authenticate(text, now());
    if (principal === null) {
      // Counted after the look-up: a guesser must not lock out the valid tokens behind the same address.
      if (text !== null && failures.isSpent(request.ip))
        throw new ProblemError("too-many-requests", { retryAfter: 60 });
      if (text !== null) failures.add(request.ip);
      throw new ProblemError("not-authenticated");
    }
    request.principal = principal;
    if (policy?.includes(principal.role) !== true) throw new ProblemError("not-permitted");
  });
}

/** The principal of a route that is not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new ProblemError("not-authenticated");
  return request.principal;
}

function bearerOf({ headers }: FastifyRequest): string | null {
  const [, text = null] = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(headers.authorization ?? "") ?? [];
  return text;
}

/** Counts by address within the running minute; forgotten when it is over, so it cannot grow for long. */
function createCounter(most: number, now: () => number) {
  const counts = new Map<string, number>();
  let minute = 0;
  const current = (): Map<string, number> => {
    const thisMinute = Math.floor(now() / 60_000);
    if (thisMinute !== minute) counts.clear();
    minute = thisMinute;
    return counts;
  };
  return {
    add: (address: string): void => void current().set(address, (current().get(address) ?? 0) + 1),
    isSpent: (address: string): boolean => (current().get(address) ?? 0) >= most,
  };
}
