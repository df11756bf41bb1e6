// Goal: HEAD answers what GET would, HSTS is promised over TLS alone, and a path or a cursor that means nothing says so in its own words.
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPartner, type Partner } from "./partner.ts";

describe("the front door", { timeout: 240_000 }, () => {
  let orchard: Partner;
  let authorization: string;
  beforeAll(async () => {
    orchard = await openPartner("Orchard", { config: { trustedProxies: ["127.0.0.0/8"] } });
    authorization = `Bearer ${orchard.token("steward")}`;
    await eventually(
      "the founder attested by itself",
      async () => (await orchard.as("viewer").node()).state === "active",
    );
    for (const title of ["One", "Two"])
      await orchard.as("member").command("challenge.share", { on: null, body: { title } });
  }, 60_000);
  afterAll(() => orchard[Symbol.asyncDispose]());
  const ask = (
    method: "GET" | "HEAD" | "POST",
    url: string,
    headers: Readonly<Record<string, string>> = {},
  ) => orchard.app.inject({ method, url, headers: { authorization, ...headers } });

  it("answers HEAD wherever it answers GET, without a body", async () => {
    const { paths } = (await ask("GET", "/openapi.json")).json() as {
      paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    const known = { "/problems/{code}": "/problems/moved", "/v1/partners/{id}": "/v1/partners/Orchard" };
    const readable = Object.keys(paths).filter((path) => "get" in (paths[path] ?? {}));
    const urls = [
      ...readable.map((path) => known[path as keyof typeof known] ?? path),
      "/openapi.json",
      "/problems",
    ];
    for (const url of urls.filter((path) => !path.includes("{"))) {
      const head = await ask("HEAD", url);
      expect([url, head.statusCode, head.body]).toEqual([url, 200, ""]);
      if (url.endsWith("/stream")) continue;
      const got = await ask("GET", url);
      expect([url, head.headers["content-type"]]).toEqual([url, got.headers["content-type"]]);
    }
    expect((await orchard.app.inject({ method: "HEAD", url: "/v1/node" })).statusCode).toBe(401);
  });

  it("promises TLS only to who came by TLS", async () => {
    const byTls = await ask("GET", "/healthz", { "x-forwarded-proto": "https" });
    expect(byTls.headers["strict-transport-security"]).toBe("max-age=31536000");
    expect((await ask("GET", "/healthz")).headers).not.toHaveProperty("strict-transport-security");
  });

  it("tells a path that it does not have from a thing that it does not have", async () => {
    const path = await ask("GET", "/v1/pledges");
    expect([path.statusCode, path.json().code]).toEqual([404, "no-such-route"]);
    const thing = await ask("GET", "/v1/commitments/RmBVbYlMcVbGdnqJIm2XAQ.12");
    expect([thing.statusCode, thing.json().code]).toEqual([404, "not-found"]);
    expect((await ask("POST", "/v1/node")).statusCode).toBe(405);
  });

  it("takes a cursor in its own collection alone", async () => {
    const { next } = (await ask("GET", "/v1/challenges?limit=1")).json() as { next: string };
    expect((await ask("GET", `/v1/challenges?after=${next}`)).json().items).toHaveLength(1);
    for (const other of ["initiatives", "commitments", "partners", "events"]) {
      const refused = await ask("GET", `/v1/${other}?after=${next}`);
      expect([refused.statusCode, refused.json().code]).toEqual([400, "cursor-invalid"]);
      expect(refused.json().detail).toContain("of challenges");
    }
    expect((await ask("GET", "/v1/challenges?after=x")).json().code).toBe("cursor-invalid");
  });

  it("creates nothing on a condition that nothing can meet", async () => {
    const refused = await orchard.app.inject({
      method: "POST",
      url: "/v1/challenges",
      headers: { authorization, "idempotency-key": "conditional", "if-match": "*" },
      payload: { title: "Three" },
    });
    expect([refused.statusCode, refused.json().code]).toEqual([412, "wrong-revision"]);
  });
});
