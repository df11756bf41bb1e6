// Goal: what is committed about the API is what the node serves; every problem is documented; every route is in the document.
// `UPDATE=1` writes the documents anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verbs } from "@handfast/api/verbs";
import { guards, reasons } from "@handfast/protocol/reasons";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problems } from "../src/problems.ts";
import { openPartner, type Partner } from "./partner.ts";

const reference = join(import.meta.dirname, "..", "..", "..", "docs", "reference");

/** Compares with the committed document, or writes it when told to. */
function expectCommitted(name: string, text: string): void {
  const path = join(reference, name);
  if (process.env["UPDATE"] === "1") writeFileSync(path, text);
  expect(readFileSync(path, "utf8"), `UPDATE=1 writes ${name} anew`).toBe(text);
}

type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>>;
};

describe("the documents", { timeout: 240_000 }, () => {
  let orchard: Partner;
  let document: Document;
  beforeAll(async () => {
    orchard = await openPartner("Orchard");
    document = (await orchard.app.inject("/openapi.json")).json();
  }, 60_000);
  afterAll(() => orchard[Symbol.asyncDispose]());

  it("have the API as it is", () => {
    expect(document.openapi).toBe("3.1.0");
    expectCommitted("openapi.json", `${JSON.stringify(document, null, 2)}\n`);
  });

  it("have `asOf` on every read", () => {
    // The keys are those in force now.
    const whole = ["/v1/events/stream", "/v1/audit/bundle", "/v1/log/keys"];
    const reads = Object.entries(document.paths).filter(
      ([path, methods]) => path.startsWith("/v1/") && "get" in methods && !whole.includes(path),
    );
    expect(reads).toHaveLength(12);
    for (const [path, methods] of reads) expect(JSON.stringify(methods["get"]), path).toContain('"asOf"');
  });

  it("have every command of the protocol's table", () => {
    const posts = Object.entries(document.paths).filter(([, methods]) => "post" in methods);
    const paths = new Set(posts.map(([path]) => path));
    for (const { collection, verb, creates } of Object.values(verbs)) {
      expect(paths).toContain(creates ? `/v1/${collection}` : `/v1/${collection}/{id}/${verb}`);
    }
  });

  it("have every partner in a body by its id or its name", () => {
    const bodies = Object.entries(document.paths).flatMap(([path, { post }]) => {
      const text = JSON.stringify(
        (post as { readonly requestBody?: unknown } | undefined)?.requestBody ?? null,
      );
      // A root key is not a partner: it has no name.
      return text.includes("^z6Mk") && path !== "/v1/log/request" ? [[path, text] as const] : [];
    });
    expect(bodies.map(([path]) => path).toSorted()).toEqual([
      "/v1/challenges/{id}/offer-help",
      "/v1/commitments",
      "/v1/commitments/{id}/counter",
      "/v1/conversations",
      "/v1/conversations/{id}/ask",
      "/v1/conversations/{id}/ask-for-word",
      "/v1/conversations/{id}/promote",
      "/v1/initiatives/{id}/offer-handoff",
    ]);
    const count = (text: string, part: RegExp) => [...text.matchAll(part)].length;
    for (const [path, text] of bodies)
      expect(count(text, /its id, or its name/g), path).toBe(count(text, /"pattern":"\^z6Mk/g));
  });

  it("have every problem, in the order of the table", () => {
    const sections = Object.entries(problems).map(
      ([code, { status, title, tryThis }]) =>
        `## ${code}\n\n${status}. ${title}\n\nWhat to try: ${tryThis}\n`,
    );
    const head =
      "# Problems\n\nEvery refusal and fault of a node's HTTP API is told as `application/problem+json` (RFC 9457). Its `code` is the same at every node;\n`type` is `/problems/<code>`, a page of the node itself. A code is never reused. Made by `UPDATE=1 npx vitest run services/gateway`.\n";
    expectCommitted("problems.md", [head, ...sections].join("\n"));
  });

  it("have every refusal of the domain as a problem", () => {
    expect([...reasons, ...guards].filter((code) => !(code in problems))).toEqual([]);
  });

  it("are what the node itself explains, as a page and as JSON", async () => {
    for (const [code, { status, title }] of Object.entries(problems)) {
      const told = await orchard.app.inject(`/problems/${code}`);
      expect(told.json()).toMatchObject({ code, status, title });
    }
    const unknown = await orchard.app.inject("/problems/nope");
    expect([unknown.statusCode, unknown.json()]).toEqual([
      404,
      expect.objectContaining({ code: "no-such-problem", title: "No problem has this code." }),
    ]);
    const page = await orchard.app.inject({ url: "/problems/moved", headers: { accept: "text/html" } });
    expect(page.headers["content-type"]).toContain("text/html");
    expect(page.body).toContain("What to try");
    expect((await orchard.app.inject("/problems/unheard-of")).statusCode).toBe(404);
  });

  it("open in a browser that runs no script but ours", async () => {
    expect((await orchard.app.inject("/")).headers.location).toBe("/docs/");
    const docs = await orchard.app.inject("/docs/");
    const policy = String(docs.headers["content-security-policy"]);
    expect(docs.statusCode).toBe(200);
    expect(policy).toMatch(/script-src 'self' 'sha256-/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
    expect(docs.body).not.toMatch(/src="https?:/);
  });
});
