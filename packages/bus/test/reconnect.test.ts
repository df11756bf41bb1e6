// Goal: when the nats-server is gone the bus says so at once, and is back by itself when the server is.
// Method: a real nats-server with TLS, killed and started again on the same folder and port.
import { createAuthority } from "@handfast/nats-operator/certificates";
import { createHomeCredentials } from "@handfast/nats-operator/credentials";
import { createOperator } from "@handfast/nats-operator/identity";
import { startTestNatsServer } from "@handfast/nats-operator/test-server";
import { expect, it, vi } from "vitest";
import type { BusStatus } from "../src/bus.ts";
import { openBus } from "../src/connect.ts";
import { bytes, startHost, text } from "./node.ts";

it("fails what is in flight when the server dies, refuses while it is away, and serves again after", async () => {
  await using host = await startHost("millrace");
  const statuses: BusStatus[] = [];
  host.home.onStatus((status) => void statuses.push(status));
  const stuck = Promise.withResolvers<Uint8Array>();
  const endpoints = [
    { name: "stuck", subject: "hf.stuck", handler: () => stuck.promise },
    { name: "echo", subject: "hf.echo", handler: async (data: Uint8Array) => data },
  ];
  await host.home.serve({ name: "echo", version: "1.0.0", endpoints });
  const heard: string[] = [];
  host.home.subscribe("hf.log.>", ({ data }) => void heard.push(text(data)));

  const inFlight = host.home.request("hf.stuck", bytes(""), { timeoutMs: 60_000 });
  await host.home.flush();
  process.kill(host.nats.server.pid, "SIGKILL");

  await expect(inFlight).rejects.toMatchObject({ reason: "disconnected", outcome: "unknown" });
  expect(host.home.status).toBe("reconnecting");
  const unavailable = { code: "bus-unavailable", reason: "disconnected", outcome: "not-done" };
  await expect(host.home.request("hf.echo", bytes(""), { timeoutMs: 60_000 })).rejects.toMatchObject(
    unavailable,
  );
  expect(() => host.home.publish("hf.log.x", bytes("never"))).toThrow(expect.objectContaining(unavailable));

  stuck.resolve(bytes("into the void"));
  await host.nats.restart();
  await vi.waitFor(() => expect(host.home.status).toBe("connected"), { timeout: 5_000 });
  const reply = await host.home.request("hf.echo", bytes("back"), { timeoutMs: 2_000 });
  expect(text(reply.data)).toBe("back");
  host.home.publish("hf.log.x", bytes("heard"));
  await vi.waitFor(() => expect(heard).toEqual(["heard"]));
  expect(statuses).toEqual(["reconnecting", "connected"]);
});

it("closes after the attempts it was given, and says why", async () => {
  await using host = await startHost("ferry");
  const credentials = await createHomeCredentials(host.nats.identity, "impatient");
  const bus = await host.connect(credentials, { maxReconnectAttempts: 2 });
  await host.nats.server[Symbol.asyncDispose]();
  await bus.closed;
  expect(bus.status).toBe("closed");
  expect(bus.closedBecause).not.toBeNull();
  await expect(bus.request("hf.x", bytes(""), { timeoutMs: 100 })).rejects.toMatchObject({
    reason: "closed",
  });
});

it("can be drained while the server is away", async () => {
  await using host = await startHost("quarry");
  host.home.subscribe("hf.>", () => {});
  process.kill(host.nats.server.pid, "SIGKILL");
  await vi.waitFor(() => expect(host.home.status).toBe("reconnecting"));
  await host.home.drain();
  expect([host.home.status, host.home.closedBecause]).toEqual(["closed", null]);
});

it("logs in only where the certificate leads to the pinned authority, and only with TLS", async () => {
  await using nats = await startTestNatsServer({ name: "orchard" });
  await using plain = await startTestNatsServer({ name: "plain", tls: false });
  const credentials = await createHomeCredentials(nats.identity, "home");
  const stranger = await createAuthority("stranger", Date.now());
  const open = (url: string, caPem?: string) =>
    openBus({ servers: [url], credentials, name: "home", ...(caPem === undefined ? {} : { caPem }) });
  const notTrusted = { code: "bus-denied", reason: "server-not-trusted" };
  await expect(open(nats.server.url, stranger.certificatePem)).rejects.toMatchObject(notTrusted);
  await expect(open(nats.server.url)).rejects.toMatchObject(notTrusted);
  await expect(open(plain.server.url, stranger.certificatePem)).rejects.toMatchObject(notTrusted);
  await using byName = await open(
    nats.server.url.replace("127.0.0.1", "localhost"),
    nats.authority.certificatePem,
  );
  expect(byName.serverVersion).toBe(nats.server.version);
});

it("tells a refused login from a server that is not there", async () => {
  await using nats = await startTestNatsServer({ tls: false });
  const stranger = await createHomeCredentials(createOperator("stranger"), "home");
  const open = (servers: string[]) => openBus({ servers, credentials: stranger, name: "stranger" });
  await expect(open([nats.server.url])).rejects.toMatchObject({
    code: "bus-denied",
    reason: "login-refused",
  });
  const { url } = nats.server;
  await nats.server[Symbol.asyncDispose]();
  await expect(open([url])).rejects.toMatchObject({ code: "bus-unavailable", reason: "connect-failed" });
});
