// Goal: hostile HTTP is refused in the form of every other refusal, by its code, before any handler; and others are served
// meanwhile. Method: through a real socket where a client library would tidy up, in memory where it would not.
import { once } from "node:events";
import { connect } from "node:net";
import { Problem } from "@handfast/api/views/answers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPartner, type Partner } from "./partner.ts";

describe("hostile HTTP", { timeout: 240_000 }, () => {
  let orchard: Partner;
  let token: string;
  beforeAll(async () => {
    orchard = await openPartner("Orchard", { config: { requestsPerMinute: 500 } });
    token = orchard.token("member");
  }, 60_000);
  afterAll(() => orchard[Symbol.asyncDispose]());

  /** Sends bytes as they are and answers the first status, or 0 where the connection was closed without one. */
  const raw = async (request: string): Promise<number> => {
    const socket = connect(Number(new URL(orchard.url).port), "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(request);
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    await Promise.race([once(socket, "close"), once(socket, "data")]);
    socket.destroy();
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
    if (status !== 0) expect(text).toContain("application/problem+json");
    return status;
  };
  const post = (headers: Record<string, string>, payload: string | Buffer, url = "/v1/challenges") =>
    orchard.app.inject({
      method: "POST",
      url,
      headers: { authorization: `Bearer ${token}`, "idempotency-key": "hostile", ...headers },
      payload,
    });
  const json = { "content-type": "application/json" };

  it.each([
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
    "Application/JSON",
  ])("is not what common clients send: a body of the type %s is read", async (type) => {
    expect((await post({ "content-type": type }, "{}")).json().code).toBe("body-invalid");
  });

  it.each<[string, number, string, () => ReturnType<typeof post>]>([
    ["text/plain", 415, "media-type-unsupported", () => post({ "content-type": "text/plain" }, "{}")],
    [
      "a form",
      415,
      "media-type-unsupported",
      () => post({ "content-type": "application/x-www-form-urlencoded" }, "title=a"),
    ],
    [
      "another charset",
      415,
      "media-type-unsupported",
      () => post({ "content-type": "application/json; charset=utf-16" }, "{}"),
    ],
    [
      "garbage behind the media type",
      415,
      "media-type-unsupported",
      () => post({ "content-type": "application/json x" }, "{}"),
    ],
    ["no JSON", 400, "body-malformed", () => post(json, "{")],
    ["a member twice", 400, "body-malformed", () => post(json, '{"title":"a","title":"b"}')],
    ["__proto__", 400, "body-malformed", () => post(json, '{"title":"a","__proto__":{}}')],
    ["65 KiB", 413, "too-large", () => post(json, JSON.stringify({ title: "a", text: "x".repeat(66_000) }))],
    [
      "a compressed body",
      400,
      "body-malformed",
      () => post({ ...json, "content-encoding": "gzip" }, Buffer.from([0x1f, 0x8b, 8, 0])),
    ],
    ["an unknown member", 422, "body-invalid", () => post(json, '{"title":"a","by":"z6Mk"}')],
    [
      "a direction mark in a title",
      422,
      "body-invalid",
      () => post(json, JSON.stringify({ title: "a\u202eb" })),
    ],
    ["a lone surrogate", 422, "body-invalid", () => post(json, '{"title":"\\ud800"}')],
    [
      "no key",
      400,
      "idempotency-key-missing",
      () => post({ ...json, "idempotency-key": "" }, '{"title":"a"}'),
    ],
    [
      "a key of 300 characters",
      400,
      "idempotency-key-missing",
      () => post({ ...json, "idempotency-key": "k".repeat(300) }, '{"title":"a"}'),
    ],
    [
      "a weak ETag",
      412,
      "wrong-revision",
      () => post({ ...json, "if-match": 'W/"x"' }, "{}", `/v1/challenges/${"A".repeat(22)}.1/resolve`),
    ],
    ["an id that is none", 404, "not-found", () => post(json, "{}", "/v1/challenges/..%2f..%2fetc/resolve")],
    [
      "a very long segment",
      404,
      "not-found",
      () => post(json, "{}", `/v1/challenges/${"x".repeat(200)}/resolve`),
    ],
    ["another host", 421, "host-unknown", () => post({ ...json, host: "evil.example" }, '{"title":"a"}')],
  ])("with %s is a problem", async (_what, status, code, ask) => {
    const answer = await ask();
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(Problem.parse(answer.json()).type).toBe(`/problems/${code}`);
    expect(answer.body).not.toMatch(/node_modules|\.ts:|at .*\(/);
  });

  it.each(["PUT", "DELETE", "PATCH", "OPTIONS"] as const)(
    "by %s is told which methods there are",
    async (method) => {
      const answer = await orchard.app.inject({
        method,
        url: "/v1/challenges",
        headers: { authorization: `Bearer ${token}` },
      });
      expect([answer.statusCode, answer.headers.allow]).toEqual([405, "GET, HEAD, POST"]);
    },
  );

  it.each<[string, string]>([
    [
      "two lengths",
      "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ],
    [
      "a length and chunks",
      "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a signed length", "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: +7\r\n\r\n{}"],
    ["a folded header", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: a\r\n b\r\n\r\n"],
    ["two hosts", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"],
    ["a header named __proto__", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n__proto__: 1\r\n\r\n"],
    ["no host", "GET /healthz HTTP/1.1\r\n\r\n"],
    ["an absolute target", "GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["20 kB of headers", `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`],
    ["no HTTP at all", "\u0016\u0003\u0001 hello\r\n\r\n"],
  ])("with %s reaches nothing", async (_what, request) => {
    const status = await raw(request);
    expect(status === 0 || (status >= 400 && status < 500), String(status)).toBe(true);
    expect((await fetch(`${orchard.url}/healthz`)).status).toBe(200);
  });

  it("in a flood is told to wait, for its token alone", async () => {
    const other = orchard.token("viewer");
    const ask = (who: string) =>
      orchard.app.inject({ url: "/v1/node", headers: { authorization: `Bearer ${who}` } });
    const flood = orchard.token("auditor");
    let last = await ask(flood);
    for (let count = 0; count < 520 && last.statusCode === 200; count++) last = await ask(flood);
    expect([last.statusCode, last.json().code]).toEqual([429, "too-many-requests"]);
    expect(Number(last.headers["retry-after"])).toBeGreaterThan(0);
    expect((await ask(other)).statusCode).toBe(200);
  });
});
