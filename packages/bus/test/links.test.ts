// Goal: a peer reaches exactly what protocol section 8 grants it, and is gone when it is cut off.
// Method: a real nats-server in operator mode with TLS; the host's federation service and two dialers.
import { lobbyLimits, signLinkAccount, signLobbyAccount } from "@handfast/nats-operator/accounts";
import { deleteAccounts, findAccount, listAccounts, pushAccount } from "@handfast/nats-operator/claims";
import { createLobbyCredentials, signDialer } from "@handfast/nats-operator/credentials";
import { accountIdOf } from "@handfast/nats-operator/identity";
import { createAccountKey, createUserKey } from "@handfast/nats-operator/keys";
import { lobbyInboxPrefix, parseRpcSubject } from "@handfast/nats-operator/subjects";
import { wireSubjects } from "@handfast/protocol/subjects";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Bus } from "../src/bus.ts";
import { bytes, type Host, startHost, text } from "./node.ts";

const orchardNet = "o".repeat(43);
const otherNet = "x".repeat(43);
const timeoutMs = 2_000;

let host: Host;
beforeAll(async () => {
  host = await startHost("orchard");
  await host.fed.serve({
    name: "federation",
    version: "1.0.0",
    endpoints: [
      {
        name: "rpc",
        subject: "hf.v1.rpc.*.>",
        handler: async (data, { subject }) => bytes(`${subject}|${text(data)}`),
      },
      {
        name: "lobby",
        subject: "hf.v1.lobby.>",
        handler: async (_data, { subject }) => bytes(`grant for ${subject}`),
      },
    ],
  });
});
afterAll(() => host[Symbol.asyncDispose]());

/** What a subscriber got, sorted out by a message all of its subjects get last. */
async function collect(bus: Bus, subject: string): Promise<string[]> {
  const got: string[] = [];
  bus.subscribe(subject, ({ data }) => void got.push(text(data)));
  await bus.flush();
  return got;
}

describe("a link", () => {
  it("carries calls, and the callee reads the caller's account from the subject", async () => {
    const { link, bus } = await host.dial(orchardNet);
    const reply = await bus.request(wireSubjects.call("sync.heads"), bytes("ping"), { timeoutMs });
    const [subject = "", body] = text(reply.data).split("|");
    expect(parseRpcSubject(subject)).toEqual({ account: link.account, op: "sync.heads" });
    expect(body).toBe("ping");
  });

  it("was made while the server ran, and nobody lost a connection for it", async () => {
    const before = host.fed.status;
    const { link } = await host.dial(orchardNet);
    expect(await listAccounts(host.claims)).toContain(link.account);
    expect(await findAccount(host.claims, link.account)).toMatch(/^eyJ/);
    expect([before, host.fed.status]).toEqual(["connected", "connected"]);
  });

  it("cannot call as another link, nor reach anything but calls", async () => {
    const { bus } = await host.dial(orchardNet);
    const victim = await host.dial(orchardNet);
    const heard = await collect(host.home, ">");
    for (const subject of [
      wireSubjects.rpc(victim.link.account, "sync.heads"),
      wireSubjects.rpc("A".repeat(56), "x"),
      wireSubjects.ask(victim.link.account),
      wireSubjects.live(orchardNet, "z6Mk"),
      wireSubjects.lobby("token"),
      "hf.ledger.append",
      "$SYS.REQ.CLAIMS.LIST",
      "$SRV.PING",
      "$JS.API.INFO",
    ]) {
      await expect(bus.request(subject, bytes("x"), { timeoutMs }), subject).rejects.toMatchObject({
        code: "bus-denied",
        reason: "not-permitted",
      });
    }
    expect(heard).toEqual([]);
  });

  it("hears its own asks and its own network's batches, and no other link's or network's", async () => {
    const mine = await host.dial(orchardNet);
    const neighbour = await host.dial(orchardNet);
    const stranger = await host.dial(otherNet);
    const asks = await collect(mine.bus, wireSubjects.ask(mine.link.account));
    const live = await collect(mine.bus, wireSubjects.liveOf(orchardNet));
    const otherLive = await collect(stranger.bus, wireSubjects.liveOf(otherNet));
    host.fed.publish(wireSubjects.ask(neighbour.link.account), bytes("not mine"));
    host.fed.publish(wireSubjects.live(otherNet, "z6MkMillrace"), bytes("other network"));
    host.fed.publish(wireSubjects.ask(mine.link.account), bytes("ask"));
    host.fed.publish(wireSubjects.live(orchardNet, "z6MkMillrace"), bytes("batch"));
    await vi.waitFor(() => expect([asks, live, otherLive]).toEqual([["ask"], ["batch"], ["other network"]]));
  });

  it.each([
    ["another link's asks", (victim: string) => wireSubjects.ask(victim)],
    ["another network's batches", () => wireSubjects.liveOf(otherNet)],
    ["every network's batches", () => "hf.v1.live.>"],
    ["everything", () => ">"],
    ["every ask", () => "hf.v1.ask.*"],
  ])("may not subscribe to %s", async (_what, subject) => {
    const mine = await host.dial(orchardNet);
    const victim = await host.dial(otherNet);
    const got = await collect(mine.bus, subject(victim.link.account));
    host.fed.publish(wireSubjects.ask(victim.link.account), bytes("secret"));
    host.fed.publish(wireSubjects.live(otherNet, "z6MkMillrace"), bytes("secret"));
    await host.fed.flush();
    // A call there and back: whatever the server wanted to deliver before it has been delivered.
    await mine.bus.request(wireSubjects.call("hello"), bytes(""), { timeoutMs });
    expect(got).toEqual([]);
  });

  it("is closed within a second of being cut off, and its login is refused after", async () => {
    const { link, credentials, bus } = await host.dial(orchardNet);
    const other = await host.dial(orchardNet);
    await deleteAccounts(host.claims, host.nats.identity, [link.account]);
    await Promise.race([bus.closed, new Promise((_, reject) => setTimeout(reject, 1_000))]);
    expect(bus.status).toBe("closed");
    expect(bus.closedBecause).toMatchObject({ code: "bus-denied", reason: "login-refused" });
    await expect(host.connect(credentials)).rejects.toMatchObject({
      code: "bus-denied",
      reason: "login-refused",
    });
    expect(await listAccounts(host.claims)).not.toContain(link.account);
    expect(other.bus.status).toBe("connected");
  });

  it("opens again when its account is pushed again", async () => {
    const { link, credentials } = await host.dial(orchardNet);
    await deleteAccounts(host.claims, host.nats.identity, [link.account]);
    await pushAccount(host.claims, await signLinkAccount(host.nats.identity, link));
    const bus = await host.connect(credentials);
    await expect(bus.request(wireSubjects.call("hello"), bytes(""), { timeoutMs })).resolves.toBeDefined();
  });

  it("lets nobody in with a JWT that has expired, or without the seed it was made for", async () => {
    const { link } = await host.dial(orchardNet);
    const key = createUserKey();
    const expired = await signDialer(link, { user: key.user, nowMs: Date.now() - 60_000, validMs: 1_000 });
    const valid = await signDialer(link, { user: key.user, nowMs: Date.now() });
    const refused = { code: "bus-denied", reason: "login-refused" };
    await expect(host.connect({ jwt: expired, seed: key.seed })).rejects.toMatchObject(refused);
    await expect(host.connect({ jwt: valid, seed: createUserKey().seed })).rejects.toMatchObject(refused);
    await expect(host.connect({ jwt: valid, seed: key.seed })).resolves.toBeDefined();
  });

  it("has four connections at most", async () => {
    const { credentials } = await host.dial(orchardNet);
    for (let more = 0; more < 3; more += 1) await host.connect(credentials);
    await expect(host.connect(credentials, { connectTimeoutMs: 500 })).rejects.toMatchObject({
      code: "bus-unavailable",
    });
  });
});

/** What an invitation holds: a user of an account of its own. */
async function lobbyOf(token: string) {
  const { account, seed } = createAccountKey();
  await pushAccount(host.claims, await signLobbyAccount(host.nats.identity, account));
  return createLobbyCredentials(seed, { token, nowMs: Date.now() });
}

describe("the lobby", () => {
  it("holds few connections of one bearer, and others come in beside it", async () => {
    const credentials = await lobbyOf("t-5");
    const inboxPrefix = lobbyInboxPrefix("t-5");
    for (let time = 0; time < lobbyLimits.connections; time += 1)
      await host.connect(credentials, { inboxPrefix });
    const more = host.connect(credentials, { inboxPrefix, connectTimeoutMs: 500 });
    await expect(more).rejects.toMatchObject({ code: "bus-unavailable" });
    const other = await host.connect(await lobbyOf("t-6"), { inboxPrefix: lobbyInboxPrefix("t-6") });
    expect(
      (await other.request(wireSubjects.lobby("t-6"), bytes("frame"), { timeoutMs })).data.length,
    ).not.toBe(0);
  });

  it("lets a newcomer send its own join and read the answer, and nothing else", async () => {
    const credentials = await lobbyOf("t-1");
    const newcomer = await host.connect(credentials, { inboxPrefix: lobbyInboxPrefix("t-1") });
    const reply = await newcomer.request(wireSubjects.lobby("t-1"), bytes("frame"), { timeoutMs });
    expect(text(reply.data)).toBe(`grant for ${wireSubjects.lobby("t-1")}`);
    for (const subject of [
      wireSubjects.lobby("t-2"),
      "hf.v1.lobby.other",
      wireSubjects.call("hello"),
      "$SYS.REQ.CLAIMS.LIST",
    ]) {
      await expect(newcomer.request(subject, bytes("x"), { timeoutMs }), subject).rejects.toMatchObject({
        code: "bus-denied",
      });
    }
  });

  it("keeps one newcomer's grant from another", async () => {
    const open = async (token: string) =>
      host.connect(await lobbyOf(token), { inboxPrefix: lobbyInboxPrefix(token) });
    const [one, two] = [await open("t-3"), await open("t-4")];
    const overheard = await collect(two, "_INBOX.>");
    const overheardToo = await collect(two, `${lobbyInboxPrefix("t-3")}.>`);
    await one.request(wireSubjects.lobby("t-3"), bytes("frame"), { timeoutMs });
    await two.request(wireSubjects.lobby("t-4"), bytes("frame"), { timeoutMs });
    expect([overheard, overheardToo]).toEqual([[], []]);
  });
});

it("keeps HOME to this node: nothing of it is heard in FED, and the operator's user may only tell about accounts", async () => {
  const inFed = await collect(host.fed, ">");
  host.home.publish("hf.log.commitment.offered", bytes("x"));
  await host.home.flush();
  await host.fed.flush();
  expect(inFed).toEqual([]);
  await expect(host.claims.request("$SYS.REQ.SERVER.PING", bytes(""), timeoutMs)).rejects.toMatchObject({
    code: "bus-denied",
  });
  expect(await listAccounts(host.claims)).toContain(accountIdOf(host.nats.identity, "home"));
});
