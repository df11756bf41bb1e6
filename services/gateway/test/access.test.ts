// Goal: default is no. Method: the matrix of every route by every role, read off the document, so that a route added later is in
// it at once; and tokens that are expired, revoked, mistyped or guessed.

import { type Role, roles } from "@handfast/api/verb";
import { verbs } from "@handfast/api/verbs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPartner, type Partner } from "./partner.ts";

type Route = { readonly method: "GET" | "POST"; readonly path: string };
const publicPaths = new Set(["/healthz", "/readyz", "/problems/{code}"]);
const stewardOnly = new Set([
  "/v1/log/confirm",
  "/v1/log/next",
  "/v1/log/request",
  "/v1/log/answer",
  "/v1/invitations",
  "/v1/links",
  "/v1/links/{id}/cut-off",
  "/v1/links/{id}/restore",
  ...Object.values(verbs)
    .filter(({ role }) => role === "steward")
    .map(({ collection, verb }) => `/v1/${collection}/{id}/${verb}`),
]);

function mayUse({ method, path }: Route, role: Role | null): boolean {
  if (publicPaths.has(path)) return true;
  if (role === null) return false;
  if (path === "/v1/audit/bundle") return role === "auditor" || role === "steward";
  if (stewardOnly.has(path)) return role === "steward";
  return method === "GET" || role === "member" || role === "steward";
}

describe("access", { timeout: 240_000 }, () => {
  let orchard: Partner;
  let routes: Route[];
  beforeAll(async () => {
    orchard = await openPartner("Orchard", { config: { failuresPerMinute: 5 } });
    const { paths } = (await orchard.app.inject("/openapi.json")).json() as { paths: Record<string, object> };
    routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase() as Route["method"], path })),
    );
  }, 60_000);
  afterAll(() => orchard[Symbol.asyncDispose]());

  const ask = ({ method, path }: Route, authorization: string | null) =>
    orchard.app.inject({
      method,
      url: path.replace("{id}", `${orchard.log}.0`).replace("{code}", "moved"),
      headers: {
        ...(authorization === null ? {} : { authorization }),
        // A body that reaches a handler is refused there: what is asked here is only whether it gets so far.
        ...(method === "POST" ? { "content-type": "application/json" } : {}),
      },
      ...(method === "POST" ? { payload: "[]" } : {}),
    });

  it("is what the matrix of routes and roles says", async () => {
    expect(routes.length).toBeGreaterThan(50);
    for (const route of routes) {
      for (const role of [null, ...roles]) {
        // It would stay open.
        if (route.path === "/v1/events/stream" && role !== null) continue;
        const { statusCode, body } = await ask(route, role === null ? null : `Bearer ${orchard.token(role)}`);
        const expected = mayUse(route, role) ? "may" : role === null ? 401 : 403;
        const got = statusCode === 401 || statusCode === 403 ? statusCode : "may";
        expect(got, `${role ?? "nobody"}: ${route.method} ${route.path} -> ${body.slice(0, 200)}`).toBe(
          expected,
        );
      }
    }
  });

  it.each(["Basic b3JjaGFyZDo=", "Bearer", "Bearer ", "bearer\tx", `Bearer ${"x".repeat(300)}`])(
    "is nobody's with `%s`",
    async (authorization) => {
      const { statusCode, headers } = await ask({ method: "GET", path: "/v1/node" }, authorization);
      expect([statusCode, headers["www-authenticate"]]).toEqual([401, 'Bearer realm="handfast"']);
    },
  );

  it("is not guessed at for long, and a guesser keeps nobody else out", async () => {
    const guess = () =>
      ask({ method: "GET", path: "/v1/node" }, `Bearer hf_${"0".repeat(10)}_${"A".repeat(43)}_00000000`);
    const statuses = [];
    for (let count = 0; count < 7; count++) statuses.push((await guess()).statusCode);
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect((await ask({ method: "GET", path: "/healthz" }, null)).statusCode).toBe(200);
    const valid = await ask({ method: "GET", path: "/v1/node" }, `Bearer ${orchard.token("viewer")}`);
    expect(valid.statusCode).toBe(200);
  });
});
