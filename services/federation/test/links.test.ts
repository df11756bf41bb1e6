// Goal: both directions of a link work over one outbound connection, each answer comes from whom was asked, a login is renewed
// in time, and a link that was closed stays closed. Method: a real nats-server with TLS, no ledger: the calls are answered here.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBus } from "@handfast/bus/connect";
import { createLinkAccount } from "@handfast/nats-operator/accounts";
import type { ClaimsPort } from "@handfast/nats-operator/claims";
import { createFedCredentials, createSystemCredentials } from "@handfast/nats-operator/credentials";
import { createUserKey } from "@handfast/nats-operator/keys";
import { startTestNatsServer } from "@handfast/nats-operator/test-server";
import { fromUtf8, toBytes } from "@handfast/protocol/bytes";
import { Ask, RenewCall } from "@handfast/protocol/federation";
import { wireSubjects } from "@handfast/protocol/subjects";
import { eventually } from "@handfast/testkit/eventually";
import { generateKey } from "@handfast/tlog/signer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dialerJwt } from "../src/admit-newcomer.ts";
import { writeCall } from "../src/answers.ts";
import { createAsks } from "../src/asks.ts";
import type { AnswerCall } from "../src/calls.ts";
import { type Dialer, startDialer, whyRefused } from "../src/dialer.ts";
import { createEvents } from "../src/events.ts";
import type { Greeting } from "../src/greeting.ts";
import { type Hosting, startHosting } from "../src/hosting.ts";
import { type DialerLink, type HostLink, openLinksStore } from "../src/links-store.ts";
import type { PeerLink } from "../src/peer-link.ts";
import { systemTimers as timers } from "../src/timers.ts";
import { createWire } from "../src/wire.ts";
import { createNetwork, multikeyOf } from "./partner.ts";

const root = generateKey();
const { net } = createNetwork(root);
const day = 24 * 3_600_000;
let cleanup = new AsyncDisposableStack();
let nowMs = 0;
const clock = { now: () => Date.now() + nowMs };
const events = createEvents(undefined);
const link = { onUp: () => {}, onDown: () => {}, isHeld: () => false };
const greeting: Greeting = {
  write: () => writeCall({}),
  answer: () => ({ ok: true }),
  heed: () => ({ ok: true }),
  learn: () => 0,
};

beforeEach(() => {
  cleanup = new AsyncDisposableStack();
  nowMs = 0;
});
afterEach(() => cleanup.disposeAsync());

/** Answers with its own name, the operation and what it was asked. */
const answers =
  (name: string): AnswerCall =>
  async (_link, op, data) =>
    toBytes(op === "hello" ? '{"ok":true}' : `${name} ${op} ${fromUtf8(data)}`);

const startHost = async () => {
  const dir = mkdtempSync(join(tmpdir(), "handfast-hosting-"));
  cleanup.defer(() => rmSync(dir, { recursive: true, force: true }));
  const nats = cleanup.use(await startTestNatsServer());
  const caPem = nats.authority.certificatePem;
  const connect = async (credentials: { jwt: string; seed: string }) =>
    cleanup.use(await openBus({ servers: [nats.server.url], credentials, caPem, name: "host" }));
  const fed = await connect(await createFedCredentials(nats.identity, "fed"));
  const system = await connect(await createSystemCredentials(nats.identity, "system"));
  const claims: ClaimsPort = {
    request: async (subject, bytes, timeoutMs) => (await system.request(subject, bytes, { timeoutMs })).data,
  };
  const natsServer = { url: nats.server.url, caPem };
  const wire = createWire({ net, natsServer, identity: nats.identity, claims, logger: undefined });
  const store = cleanup.use(openLinksStore(dir));
  const addLink = (name: string): HostLink => {
    const { account, seed } = createLinkAccount(net);
    const peer = multikeyOf(generateKey());
    return store.keep({ role: "host", peer, name, account, seed, isClosed: false }) as HostLink;
  };
  const stored = [addLink("Mill"), addLink("Ferry")] as const;
  const hosting: Hosting = cleanup.use(
    await startHosting({
      net,
      fed,
      wire,
      store,
      clock,
      timers,
      events,
      heartbeatMs: 50,
      answer: async (from, op, data, version) => {
        if (op !== "link.renew") return answers("host")(from, op, data, version);
        const renewed = await hosting.renew(from, RenewCall.parse(JSON.parse(fromUtf8(data) ?? "")).userKey);
        return writeCall({ ok: true, ...renewed });
      },
      greeting,
      admit: async () => toBytes("{}"),
      link,
    }),
  );
  const dial = async (to: HostLink): Promise<{ dialer: Dialer; kept: () => DialerLink }> => {
    const own = cleanup.use(openLinksStore(mkdtempSync(join(dir, "dialer-"))));
    const user = createUserKey();
    const { jwt, expires } = await dialerJwt(to, user.user, net, clock.now());
    const endpoints = [nats.server.url];
    const { account } = to;
    const peer = multikeyOf(root);
    const mine = {
      role: "dialer",
      peer,
      name: "Orchard",
      account,
      seed: user.seed,
      jwt,
      expires,
      endpoints,
      caPem,
    } as const;
    const first = own.keep({ ...mine, isClosed: false }) as DialerLink;
    const dialer = cleanup.use(
      startDialer(first, {
        net,
        store: own,
        clock,
        timers,
        events,
        wire,
        heartbeatMs: 50,
        // As calls.ts would, where the host says that it is over.
        answer: async (from, op, data, version) =>
          op === "link.close" ? toBytes('{"ok":true}') : answers(to.name)(from, op, data, version),
        greeting,
        onLive: () => {},
        link,
      }),
    );
    await eventually("the link is up", () => dialer.link.state === "connected");
    return { dialer, kept: () => own.links()[0] as DialerLink };
  };
  const hosted = (account: string) => hosting.links().find((one) => one.account === account) as PeerLink;
  return { fed, hosting, stored, dial, hosted, store };
};

describe("a link", () => {
  it("lets both sides ask, though only one dialled", async () => {
    const { stored, dial, hosted } = await startHost();
    const { dialer } = await dial(stored[0]);
    expect(fromUtf8(await dialer.link.request("sync.heads", toBytes("a")))).toBe("host sync.heads a");
    const ofHost = hosted(stored[0].account);
    await eventually("the host heard of it", () => ofHost.state === "connected");
    expect(fromUtf8(await ofHost.request("sync.heads", toBytes('"b"\n')))).toBe('Mill sync.heads "b"\n');
  });

  it("keeps answers apart: nobody can answer what another was asked", async () => {
    const { stored, dial, hosted } = await startHost();
    const [mill, ferry] = [await dial(stored[0]), await dial(stored[1])];
    const asked = Array.from({ length: 20 }, (_, index) => {
      const [to, name] = index % 2 === 0 ? [stored[0], "Mill"] : [stored[1], "Ferry"];
      return hosted(to.account)
        .request("sync.proof", toBytes(String(index)))
        .then((answer) => expect(fromUtf8(answer)).toBe(`${name} sync.proof ${index}`));
    });
    await Promise.all(asked);
    expect(mill.dialer.link.state).toBe("connected");
    expect(ferry.dialer.link.state).toBe("connected");
  });

  it("takes an answer only from the account that was asked, and only in time", async () => {
    const { fed, stored } = await startHost();
    const asks = createAsks(fed, timers);
    const [mill, ferry] = stored;
    const asked: string[] = [];
    fed.subscribe(wireSubjects.ask(mill.account), ({ data }) => {
      asked.push(Ask.parse(JSON.parse(fromUtf8(data) ?? "")).rid);
    });
    await fed.flush();
    const answer = asks.ask(mill.account, "hello", toBytes("{}"), 2_000);
    const rid = await eventually("the question", () => asked[0]);
    expect(asks.answer(ferry.account, rid, toBytes("Ferry"))).toBe(false);
    expect(asks.answer(mill.account, rid, toBytes("Mill"))).toBe(true);
    expect(fromUtf8(await answer)).toBe("Mill");
    expect(asks.answer(mill.account, rid, toBytes("again"))).toBe(false);
    await expect(asks.ask(mill.account, "hello", toBytes("{}"), 20)).rejects.toThrow("no answer to hello");
  });

  it("is lost to the host when its dialer is silent, and up again when it speaks", async () => {
    const { stored, dial, hosted } = await startHost();
    const { dialer } = await dial(stored[0]);
    const ofHost = hosted(stored[0].account);
    await eventually("heard", () => ofHost.state === "connected");
    await dialer[Symbol.asyncDispose]();
    await eventually("silence", () => ofHost.state === "reconnecting");
    await dial(stored[0]);
    await eventually("heard again", () => ofHost.state === "connected");
  });

  it("renews its login before it ends, for the same key", async () => {
    const { stored, dial } = await startHost();
    const { dialer, kept } = await dial(stored[0]);
    const before = kept();
    const ago = clock.now();
    nowMs = 15 * day;
    await eventually("a heartbeat later", () => (dialer.link.lastHeardAt ?? 0) > ago + 15 * day);
    expect(kept(), "half of its time is left").toEqual(before);
    nowMs = 21 * day;
    await eventually("a new login", () => kept().jwt !== before.jwt);
    expect(kept()).toMatchObject({ seed: before.seed, account: before.account });
    expect(kept().expires).toBeGreaterThan(before.expires + 20 * day);
    const answer = await eventually("with it the link is up", () =>
      dialer.link.request("sync.heads", toBytes("a")),
    );
    expect(fromUtf8(answer)).toBe("host sync.heads a");
  });

  it("stays closed, for the host and for its dialers", async () => {
    const { hosting, stored, dial, hosted, store } = await startHost();
    const { dialer } = await dial(stored[0]);
    const other = await dial(stored[1]);
    await hosting.close(hosted(stored[0].account));
    await eventually("the dialer is out", () => dialer.link.state === "closed", { withinMs: 1_000 });
    await expect(dialer.link.request("hello", toBytes("{}"), 200)).rejects.toThrow();
    expect(hosting.links().map(({ name }) => name)).toEqual(["Ferry"]);
    expect(store.links().map(({ name, isClosed }) => [name, isClosed])).toEqual([
      ["Mill", true],
      ["Ferry", false],
    ]);
    expect(fromUtf8(await other.dialer.link.request("sync.heads", toBytes("a")))).toBe("host sync.heads a");
  });
});

it("says of a login that is refused whether it ran out, and what to do", () => {
  const stored = { name: "Orchard", expires: 1_000 };
  expect(whyRefused(stored, 1_000)).toBe(
    "its login ran out: ask Orchard for a new invitation, and join with it",
  );
  expect(whyRefused(stored, 999)).toContain("Orchard closed the link");
});
