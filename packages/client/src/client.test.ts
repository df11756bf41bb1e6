// Goal: whatever answers, a caller gets an answer, a refusal with a code, or a fault that says what to do; a stream loses nothing
// over broken connections. Method: servers that lie, break off and fall silent. (What a real node answers is held by the gateway's tests.)
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { AnswerError, openClient, ProblemError, UnreachableError } from "./client.ts";

async function serving(answer: (...asked: Parameters<RequestListener>) => unknown) {
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    client: openClient({ url, token: "hf_test", timeoutMs: 500 }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
const problem =
  (status: number, code: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/problem+json", ...headers });
    response.end(
      JSON.stringify({ type: `/problems/${code}`, code, title: "No.", status, detail: "because" }),
    );
  };
const fault = (act: Promise<unknown>): Promise<unknown> => act.catch((err: unknown) => err);

describe("the client", () => {
  it("asks what it means, and says who asks", async () => {
    const seen: { request: IncomingMessage; body: string }[] = [];
    await using node = await serving(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      seen.push({ request, body });
      response.writeHead(201, { "content-type": "application/json" }).end('{"id":"x"}');
    });
    await node.client.command("commitment.offer", {
      on: null,
      body: { title: "Bread" },
      idempotencyKey: "k",
    });
    await node.client.command("commitment.accept", { on: "a.1", body: {}, ifMatch: "e" });
    await node.client.page("initiatives", { asOf: "2020-01-01", limit: 5 });
    expect(seen.map(({ request, body }) => [request.method, request.url, body])).toEqual([
      ["POST", "/v1/commitments", '{"act":"offer","title":"Bread"}'],
      ["POST", "/v1/commitments/a.1/accept", "{}"],
      ["GET", "/v1/initiatives?asOf=2020-01-01&limit=5", ""],
    ]);
    const headers = seen.map(({ request }) => request.headers);
    expect(headers[0]).toMatchObject({ authorization: "Bearer hf_test", "idempotency-key": "k" });
    expect(headers[1]).toMatchObject({
      "if-match": '"e"',
      "idempotency-key": expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it("tells a refusal by its code, and whether to come again", async () => {
    await using full = await serving(problem(503, "disk-full", { "retry-after": "7" }));
    const refused = await fault(full.client.node());
    expect(refused).toBeInstanceOf(ProblemError);
    expect(refused).toMatchObject({ code: "disk-full", status: 503, retry: "later", retryAfterMs: 7_000 });
    await using none = await serving(problem(404, "not-found"));
    expect(await none.client.one("commitments", "a.1")).toBeNull();
    expect(await fault(none.client.node())).toMatchObject({ code: "not-found", retry: "never" });
  });

  it("tells a node from something else", async () => {
    await using proxy = await serving((_request, response) =>
      response.writeHead(502).end("<html>bad gateway</html>"),
    );
    expect(await fault(proxy.client.node())).toBeInstanceOf(AnswerError);
    await using page = await serving((_request, response) => response.end("<html>welcome</html>"));
    expect(await fault(page.client.node())).toBeInstanceOf(AnswerError);
  });

  it("carries the token to no other place", async () => {
    let asked = 0;
    await using thief = await serving((_request, response) => {
      asked += 1;
      response.end("{}");
    });
    await using node = await serving((_request, response) =>
      response.writeHead(302, { location: `${thief.url}/v1/node` }).end(),
    );
    expect(await fault(node.client.node())).toBeInstanceOf(UnreachableError);
    expect(asked).toBe(0);
  });

  it("waits no longer than it was told, and says when nobody is there", async () => {
    await using silent = await serving(() => {});
    expect(await fault(silent.client.node())).toBeInstanceOf(UnreachableError);
    const gone = await serving(() => {});
    await gone[Symbol.asyncDispose]();
    expect(await fault(gone.client.node())).toMatchObject({ code: "unreachable", retry: "later" });
  });
});

describe("the client's stream of events", () => {
  const event = (position: number) => ({
    position,
    id: `${"A".repeat(22)}.${position}`,
    hash: "A".repeat(43),
    by: { id: "z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd", name: "Orchard" },
    log: "A".repeat(22),
    seq: position,
    type: "challenge.shared",
    subject: "x",
    at: "2026-01-01T00:00:00.000Z",
    effect: "effective",
    x: {},
    body: null,
    texts: "none",
  });
  const send = (response: ServerResponse, position: number) =>
    response.write(`id: ${position}\nevent: challenge.shared\ndata: ${JSON.stringify(event(position))}\n\n`);

  it("goes on after the last event, wherever a connection breaks, in whatever pieces it comes", async () => {
    const asked: (string | undefined)[] = [];
    await using node = await serving((request, response) => {
      const last = request.headers["last-event-id"];
      asked.push(typeof last === "string" ? last : undefined);
      response.writeHead(200, { "content-type": "text/event-stream", "handfast-position": "3" });
      const from = Number(last ?? 3);
      response.write("retry: 2000\n\n: 4\n\n");
      send(response, from + 1);
      // The next one breaks off in its middle: it must come whole the next time.
      response.write(`id: ${from + 2}\ndata: {"posi`);
      setImmediate(() => response.destroy());
    });
    const seen: number[] = [];
    for await (const { position } of node.client.events()) {
      seen.push(position);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([4, 5, 6]);
    expect(asked).toEqual([undefined, "4", "5"]);
  }, 20_000);

  it("ends quietly when it is told to, and loudly when it may not read", async () => {
    await using quiet = await serving(
      (_request, response) =>
        void response.writeHead(200, { "content-type": "text/event-stream" }).write("\n\n"),
    );
    const stop = new AbortController();
    const reading = Array.fromAsync(quiet.client.events({}, { signal: stop.signal }));
    setImmediate(() => stop.abort());
    expect(await reading).toEqual([]);
    await using strict = await serving(problem(401, "not-authenticated"));
    expect(await fault(Array.fromAsync(strict.client.events()))).toMatchObject({ code: "not-authenticated" });
  });
});

it("names each place of a refused body in the words of the fault", () => {
  const errors = [
    { pointer: "#/title", code: "does-not-fit", detail: "got 300 characters, expected text of 1 to 200" },
    { pointer: "#/due", code: "missing", detail: "is missing; expected a day" },
  ];
  const problem = { type: "/problems/body-invalid", code: "body-invalid", title: "Not valid.", status: 422 };
  expect(new ProblemError({ ...problem, instance: "x", errors }, null).message).toBe(
    "Not valid. title: got 300 characters, expected text of 1 to 200; due: is missing; expected a day",
  );
});
