// Goal: requests, messages and services keep the promises in `src/bus.ts`, faults and limits included.
// Method: two connections in HOME of a real nats-server with TLS.
import { createHomeCredentials } from "@handfast/nats-operator/credentials";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Bus } from "../src/bus.ts";
import type { LogFields, Logger } from "../src/logger.ts";
import { bytes, type Host, startHost, text } from "./node.ts";

let host: Host;
let caller: Bus;
const lines: LogFields[] = [];
const note = (fields: LogFields): void => void lines.push(fields);
const logger: Logger = { debug: note, info: note, warn: note, error: note };
const timeoutMs = 2_000;
const MiB = 1_048_576;

beforeAll(async () => {
  host = await startHost("ferry");
  caller = await host.connect(await createHomeCredentials(host.nats.identity, "caller"));
});
afterAll(() => host[Symbol.asyncDispose]());

async function openServer(): Promise<Bus> {
  return host.connect(await createHomeCredentials(host.nats.identity, "server"), { logger });
}

describe("a request", () => {
  it("is answered by a micro service, with headers both ways", async () => {
    const bus = await openServer();
    await using _service = await bus.serve({
      name: "ledger",
      version: "1.2.3",
      endpoints: [
        {
          name: "append",
          subject: "hf.ledger.append",
          handler: async (data, { subject, headers }) => ({
            data: bytes(`${subject} ${text(data)} ${JSON.stringify(headers)}`),
            headers: { "Hf-V": "1" },
          }),
        },
      ],
    });
    const reply = await caller.request("hf.ledger.append", bytes("entry"), {
      timeoutMs,
      headers: { traceparent: "00-1", "Nats-Msg-Id": "hidden" },
    });
    expect(text(reply.data)).toBe('hf.ledger.append entry {"traceparent":"00-1"}');
    expect(reply.headers).toEqual({ "Hf-V": "1" });
    const info = await caller.request("$SRV.INFO.ledger", bytes(""), { timeoutMs });
    expect(JSON.parse(text(info.data))).toMatchObject({ name: "ledger", version: "1.2.3" });
  });

  it("nobody serves was not done; one not answered in time may have been", async () => {
    await expect(caller.request("hf.nobody.home", bytes(""), { timeoutMs })).rejects.toMatchObject({
      code: "bus-unavailable",
      reason: "no-responders",
      outcome: "not-done",
      retry: "later",
    });
    const bus = await openServer();
    const never = Promise.withResolvers<Uint8Array>();
    await using _service = await bus.serve({
      name: "slow",
      version: "1.0.0",
      endpoints: [{ name: "wait", subject: "hf.slow.wait", handler: () => never.promise }],
    });
    await expect(caller.request("hf.slow.wait", bytes(""), { timeoutMs: 50 })).rejects.toMatchObject({
      code: "bus-unavailable",
      reason: "timeout",
      outcome: "unknown",
    });
    never.resolve(bytes("too late"));
  });

  it.each([
    ["a fault of the service's own", "internal", () => Promise.reject(new Error("disk full")), "unknown"],
    ["its word", "busy", () => Promise.resolve({ failure: { code: "busy", status: 503 } }), "not-done"],
    ["a reply that fits no message", "internal", () => Promise.resolve(new Uint8Array(MiB + 1)), "unknown"],
  ] as const)(
    "gets %s as a fault, and the caller never waits for it",
    async (_what, reason, handler, outcome) => {
      const bus = await openServer();
      const endpoints = [{ name: "fail", subject: "hf.fail", handler }];
      await using _service = await bus.serve({ name: "fail", version: "1.0.0", endpoints });
      await expect(caller.request("hf.fail", bytes(""), { timeoutMs })).rejects.toMatchObject({
        code: "service-failed",
        reason,
        outcome,
      });
      if (reason === "internal")
        expect(lines).toContainEqual(expect.objectContaining({ event: "bus.handler-failed" }));
    },
  );

  it("is not sent when it is too large, and its reply is not read when that is", async () => {
    const bus = await openServer();
    const handler = async (data: Uint8Array) => data;
    const endpoints = [{ name: "echo", subject: "hf.echo", handler, maxRequestBytes: 10 }];
    await using _service = await bus.serve({ name: "echo", version: "1.0.0", endpoints });
    const ask = (size: number, maxReplyBytes: number) =>
      caller.request("hf.echo", new Uint8Array(size), { timeoutMs, maxReplyBytes });
    await expect(ask(10, 10)).resolves.toBeDefined();
    await expect(ask(10, 9)).rejects.toMatchObject({ code: "message-too-large", reason: "reply-too-large" });
    await expect(ask(11, 99)).rejects.toMatchObject({ code: "service-failed", reason: "too-large" });
    await expect(ask(MiB + 1, 99)).rejects.toMatchObject({
      code: "message-too-large",
      reason: "request-too-large",
    });
  });

  it("beyond what an endpoint works on at once is answered busy", async () => {
    const bus = await openServer();
    const gate = Promise.withResolvers<Uint8Array>();
    const endpoints = [{ name: "one", subject: "hf.one", handler: () => gate.promise, maxInFlight: 1 }];
    await using _service = await bus.serve({ name: "one", version: "1.0.0", endpoints });
    const first = caller.request("hf.one", bytes(""), { timeoutMs });
    await expect(caller.request("hf.one", bytes(""), { timeoutMs })).rejects.toMatchObject({
      reason: "busy",
    });
    gate.resolve(bytes("done"));
    await expect(first).resolves.toMatchObject({ data: bytes("done") });
    await expect(caller.request("hf.one", bytes(""), { timeoutMs })).resolves.toBeDefined();
  });

  it("goes to one of two instances of a service", async () => {
    const served = { one: 0, two: 0 };
    const description = (name: "one" | "two") => ({
      name: "pair",
      version: "1.0.0",
      endpoints: [
        {
          name: "count",
          subject: "hf.pair",
          handler: async () => {
            served[name] += 1;
            return bytes("");
          },
        },
      ],
    });
    const [one, two] = [await openServer(), await openServer()];
    await using _one = await one.serve(description("one"));
    await using _two = await two.serve(description("two"));
    for (let index = 0; index < 40; index += 1) await caller.request("hf.pair", bytes(""), { timeoutMs });
    expect(served.one + served.two).toBe(40);
    expect(Math.min(served.one, served.two)).toBeGreaterThan(0);
  });

  it("that has arrived is answered before a drained service is gone", async () => {
    const bus = await openServer();
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const handler = async () => {
      entered.resolve();
      await gate.promise;
      return bytes("kept");
    };
    await bus.serve({
      name: "drain",
      version: "1.0.0",
      endpoints: [{ name: "d", subject: "hf.drain", handler }],
    });
    const reply = caller.request("hf.drain", bytes(""), { timeoutMs });
    await entered.promise;
    const drained = bus.drain();
    // Only when nobody takes new requests any more does the old one go on.
    await vi.waitFor(() =>
      expect(caller.request("$SRV.PING.drain", bytes(""), { timeoutMs })).rejects.toMatchObject({
        reason: "no-responders",
      }),
    );
    await caller.flush();
    gate.resolve();
    expect(text((await reply).data)).toBe("kept");
    await drained;
    expect(bus.status).toBe("closed");
    expect(bus.closedBecause).toBeNull();
  });
});

describe("a subscription", () => {
  it("handles messages in order, one at a time, past a handler's faults", async () => {
    const bus = await openServer();
    const handled: string[] = [];
    let atOnce = 0;
    bus.subscribe("hf.log.>", async ({ data }) => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await Promise.resolve();
      atOnce -= 1;
      if (text(data) === "1") throw new Error("poison");
      handled.push(text(data));
    });
    await bus.flush();
    for (const word of ["0", "1", "2", "3"]) caller.publish("hf.log.x", bytes(word));
    await vi.waitFor(() => expect(handled).toEqual(["0", "2", "3"]));
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "bus.handler-failed", subject: "hf.log.x" }),
    );
  });

  it("drops what is too large or too much, and says so", async () => {
    const bus = await openServer();
    const gate = Promise.withResolvers<void>();
    const handled: string[] = [];
    const subscription = bus.subscribe(
      "hf.flood",
      async ({ data }) => {
        await gate.promise;
        handled.push(text(data));
      },
      { maxPending: 2, maxMessageBytes: 3 },
    );
    await bus.flush();
    for (const word of ["a", "b", "c", "d", "long"]) caller.publish("hf.flood", bytes(word));
    await vi.waitFor(() => expect(subscription.dropped).toBe(2));
    gate.resolve();
    await vi.waitFor(() => expect(handled).toEqual(["a", "b", "c"]));
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "bus.message-dropped", subject: "hf.flood" }),
    );
  });

  it("in a queue shares messages with its like, and ends when disposed", async () => {
    const got = { one: 0, two: 0 };
    const bus = await openServer();
    const count = (name: "one" | "two") => () => {
      got[name] += 1;
    };
    const one = bus.subscribe("hf.queue", count("one"), { queue: "q" });
    const two = bus.subscribe("hf.queue", count("two"), { queue: "q" });
    await bus.flush();
    for (let index = 0; index < 20; index += 1) caller.publish("hf.queue", bytes(""));
    await vi.waitFor(() => expect(got.one + got.two).toBe(20));
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
    await bus.flush();
    const seen: string[] = [];
    bus.subscribe("hf.last", () => void seen.push("last"));
    await bus.flush();
    caller.publish("hf.queue", bytes(""));
    caller.publish("hf.last", bytes(""));
    await vi.waitFor(() => expect(seen).toEqual(["last"]));
    expect(got.one + got.two).toBe(20);
  });
});

it("refuses headers that would break the protocol", async () => {
  expect(() => caller.publish("hf.x", bytes(""), { trace: "a\r\nb" })).toThrow();
  await expect(caller.request("hf.x", bytes(""), { timeoutMs, headers: { "a:b": "c" } })).rejects.toThrow();
});
