// Goal: a client of the stream misses nothing and sees nothing twice, whatever happens to its connection; one that does not read
// holds no memory and nobody up. Method: real sockets, a real node; connections broken on purpose.
import { once } from "node:events";
import { connect } from "node:net";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPartner, type Partner } from "./partner.ts";

describe("the stream of events", { timeout: 240_000 }, () => {
  let orchard: Partner;
  beforeAll(async () => {
    orchard = await openPartner("Orchard", { config: { streamsPerToken: 2 } });
    await eventually(
      "the founder is active",
      async () => (await orchard.as("viewer").node()).state === "active",
    );
  }, 60_000);
  afterAll(() => orchard[Symbol.asyncDispose]());

  const share = async (title: string) =>
    (await orchard.as("member").command("challenge.share", { on: null, body: { title } })).position;
  const positions = async (after: number | null, count: number, query: Record<string, string> = {}) => {
    const stop = new AbortController();
    const seen: { position: number; type: string; title: unknown }[] = [];
    const from = after === null ? {} : { after: String(after) };
    for await (const event of orchard.as("viewer").events({ ...from, ...query }, { signal: stop.signal })) {
      seen.push({ position: event.position, type: event.type, title: event.body?.["title"] });
      if (seen.length === count) break;
    }
    return seen;
  };

  it("begins where it is told, and goes on with what comes", async () => {
    const first = await share("one");
    const following = positions(first - 1, 3);
    await share("two");
    await share("three");
    expect((await following).map(({ title }) => title)).toEqual(["one", "two", "three"]);
  });

  it("is narrowed as pages of events are", async () => {
    await orchard.as("member").command("initiative.propose", { on: null, body: { title: "aside" } });
    const last = await share("four");
    expect(await positions(0, 1, { type: "initiative.proposed" })).toMatchObject([{ title: "aside" }]);
    expect(
      (await positions(last - 2, 1, { type: "challenge.shared" })).map(({ position }) => position),
    ).toEqual([last]);
  });

  it("goes on with the event after the last one, over a broken connection", async () => {
    const before = orchard.views.position;
    for (const title of ["five", "six", "seven"]) await share(title);
    const part = await open(`/v1/events/stream?after=${before}`);
    const id = await eventually("the second event", () => {
      const block = part
        .text()
        .split("\n\n")
        .find((one) => one.includes('"six"'));
      return /id: ([\w-]+)/.exec(block ?? "")?.[1];
    });
    part.socket.destroy();
    const rest = await open("/v1/events/stream", { "last-event-id": id });
    await eventually("the third event", () => rest.text().includes("seven"));
    expect(rest.text()).not.toContain("five");
    expect(rest.text()).not.toContain('"six"');
    expect(rest.text()).toContain("retry: ");
    rest.socket.destroy();
  });

  it("refuses a token's third one, until one of them ends", async () => {
    /** A stream that was let in; streams of earlier tests may take a moment to end. */
    const letIn = () =>
      eventually("room for a stream", async () => {
        const stream = await open("/v1/events/stream");
        if (stream.text().startsWith("HTTP/1.1 200")) return stream;
        stream.socket.destroy();
        return null;
      });
    const first = await letIn();
    const second = await letIn();
    const third = await open("/v1/events/stream");
    expect(third.text()).toMatch(/^HTTP\/1\.1 429 /);
    first.socket.destroy();
    const again = await letIn();
    for (const { socket } of [second, third, again]) socket.destroy();
  });

  it("waits for a client that does not read, and others are served", async () => {
    const text = "x".repeat(15_000);
    const before = orchard.views.position;
    for (let count = 0; count < 40; count++) {
      await orchard
        .as("member")
        .command("challenge.share", { on: null, body: { title: `long ${count}`, text } });
    }
    const slow = await open(`/v1/events/stream?after=${before}`, {}, false);
    const seen = await positions(before, 40);
    expect(seen.at(-1)).toMatchObject({ title: "long 39" });
    slow.socket.resume();
    await eventually("all of it, when it reads at last", () => slow.text().includes("long 39"));
    slow.socket.destroy();
  });

  it("ends when its token is revoked, and tells it nothing more", async () => {
    const { text, id } = orchard.tokens.create({ name: "leaving", role: "viewer" }, Date.now());
    const stream = await open("/v1/events/stream", { authorization: `Bearer ${text}` });
    await share("before");
    await eventually("what came before", () => stream.text().includes("before"));
    orchard.tokens.revoke(id, Date.now());
    const closed = once(stream.socket, "close");
    await share("afterwards");
    await closed;
    expect(stream.text()).not.toContain("afterwards");
  });

  it("refuses a place that this node never reached, and one of another node, with the newest position", async () => {
    const ask = async (of: Partner, url: string, headers: Record<string, string> = {}) => {
      const authorization = `Bearer ${of.token("viewer")}`;
      const answer = await of.app.inject({ url, headers: { authorization, ...headers } });
      return [answer.statusCode, answer.json()] as const;
    };
    const newest = orchard.views.position;
    const ahead = { code: "cursor-ahead", actual: String(newest) };
    for (const [url, headers] of [
      [`/v1/events/stream?after=${newest + 1}`, {}],
      ["/v1/events/stream", { "last-event-id": String(newest + 7) }],
      [`/v1/events?after=${newest + 1}`, {}],
    ] as const)
      expect(await ask(orchard, url, headers)).toMatchObject([409, ahead]);

    await using millrace = await openPartner("Millrace");
    await eventually("its membership", async () => (await millrace.as("viewer").node()).state === "active");
    for (const title of ["a", "b"])
      await millrace.as("member").command("challenge.share", { on: null, body: { title } });
    for (const collection of ["events", "challenges"]) {
      const [, page] = await ask(millrace, `/v1/${collection}?limit=1`);
      expect(await ask(millrace, `/v1/${collection}?limit=1&after=${page.next}`)).toMatchObject([200, {}]);
      expect(await ask(orchard, `/v1/${collection}?after=${page.next}`)).toMatchObject([
        409,
        { code: "cursor-foreign", actual: String(newest) },
      ]);
    }
    const [, page] = await ask(millrace, "/v1/events?limit=1");
    expect(await ask(orchard, "/v1/events/stream", { "last-event-id": page.next })).toMatchObject([
      409,
      { code: "cursor-foreign" },
    ]);
  });

  it("takes a position that its answer gave before the views were there", async () => {
    const position = await share("just now");
    expect(await positions(position - 1, 1)).toMatchObject([{ title: "just now" }]);
    const rest = positions(position, 1);
    await share("right after");
    expect(await rest).toMatchObject([{ title: "right after" }]);
  });

  it("refuses a place that is none", async () => {
    const answer = await orchard.app.inject({
      url: "/v1/events/stream",
      headers: { authorization: `Bearer ${orchard.token("viewer")}`, "last-event-id": "yesterday" },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([400, "cursor-invalid"]);
  });

  /** A connection of one's own, and what came over it. */
  async function open(path: string, headers: Record<string, string> = {}, reads = true) {
    const socket = connect(Number(new URL(orchard.url).port), "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    if (!reads) socket.pause();
    const lines = [
      `GET ${path} HTTP/1.1`,
      "Host: localhost",
      ...Object.entries({ authorization: `Bearer ${orchard.token("steward")}`, ...headers }).map(
        ([name, value]) => `${name}: ${value}`,
      ),
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    if (reads) await eventually("an answer", () => text.includes("\r\n\r\n"));
    return { socket, text: () => text };
  }
});
