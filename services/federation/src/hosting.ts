/**
 * Links whose server is ours: every partner who dials us has an account of its own, which the server writes into the
 * subject of each call. What the server knows of accounts is pushed anew whenever it may have forgotten.
 */
import type { Bus } from "@handfast/bus/bus";
import { parseRpcSubject } from "@handfast/nats-operator/subjects";
import type { NetworkId } from "@handfast/protocol/ids";
import { wireSubjects } from "@handfast/protocol/subjects";
import { dialerJwt } from "./admit-newcomer.ts";
import { writeCall } from "./answers.ts";
import { createAsks } from "./asks.ts";
import type { AnswerCall } from "./calls.ts";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { Greeting } from "./greeting.ts";
import type { HostLink, LinksStore } from "./links-store.ts";
import { createPeerLink, type PeerLink, type PeerLinkDeps } from "./peer-link.ts";
import { no } from "./speaker.ts";
import { pause, type Timers } from "./timers.ts";
import type { Wire } from "./wire.ts";

export interface Hosting extends AsyncDisposable {
  links(): readonly PeerLink[];
  /** Makes a stored link usable; the same account again is the same link. */
  add(link: HostLink): void;
  /** As `add`, for an account that the server was told to forget. */
  reopen(link: HostLink): Promise<void>;
  renew(link: PeerLink, userKey: string): Promise<{ jwt: string; expires: number } | null>;
  /** Until it is reopened: the server closes the connection within some tens of milliseconds. */
  close(link: PeerLink): Promise<void>;
}

export type HostingDeps = {
  readonly net: NetworkId;
  readonly fed: Bus;
  readonly wire: Pick<Wire, "allow" | "allowBearer" | "forget">;
  readonly store: LinksStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: Events;
  readonly heartbeatMs: number;
  readonly answer: AnswerCall;
  readonly greeting: Greeting;
  readonly admit: (token: string, data: Uint8Array) => Promise<Uint8Array>;
  readonly link: Pick<PeerLinkDeps, "onUp" | "onDown" | "traffic" | "isHeld">;
};

/** A dialer that said nothing for so many of its heartbeats is taken for lost. */
const silentHeartbeats = 3;
/** Long enough to be told, far too short to be held up by a peer that does not listen. */
const farewellMs = 100;
const pushAgainMs = 250;

export async function startHosting(deps: HostingDeps): Promise<Hosting> {
  const { net, fed, wire, store, clock, timers, events } = deps;
  const asks = createAsks(fed, timers);
  let isOver = false;
  const hosted = new Map<string, { readonly stored: HostLink; readonly link: PeerLink }>();

  const add: Hosting["add"] = (stored) => {
    if (hosted.has(stored.account)) return;
    const { peer, name, role, account } = stored;
    const link = createPeerLink(
      { peer, name, role, account },
      {
        ...deps.link,
        clock,
        send: (op, data, timeoutMs) => asks.ask(account, op, data, timeoutMs),
        serverVersion: () => fed.serverVersion,
        // The dialer's own connection is not seen here; a silent one is noticed by its heartbeats.
        hasConnection: () => true,
      },
    );
    hosted.set(account, { stored, link });
  };

  const pushAll = async (): Promise<void> => {
    for (const { stored } of hosted.values()) await wire.allow(stored);
    for (const { lobby, expires } of store.openInvitations())
      if (lobby !== null && clock.now() < expires) await wire.allowBearer(lobby);
  };
  /** The claims travel on a connection of their own, which may come back later than this one. */
  const pushAllAgain = async (): Promise<void> => {
    for (let attempt = 1; !isOver; attempt += 1) {
      try {
        return await pushAll();
      } catch (err) {
        events.failed("push-accounts", err);
        await pause(timers, pushAgainMs * attempt);
      }
    }
  };

  /** A dialer may still be connected from before we started: it need not wait for its next heartbeat. */
  const greet = async (link: PeerLink): Promise<void> => {
    // Silence is not a fault here: a peer that was away says hello when it comes back.
    const answer = await link.request("hello", deps.greeting.write()).catch(() => null);
    if (answer !== null) deps.greeting.heed(link, answer);
  };

  const serve = async (
    data: Uint8Array,
    subject: string,
    version: string | undefined,
  ): Promise<Uint8Array> => {
    const at = parseRpcSubject(subject);
    const link = at === null ? undefined : hosted.get(at.account)?.link;
    if (at === null || link === undefined) return writeCall(no("not-permitted", "this link is closed"));
    link.heard();
    if (!at.op.startsWith("answer.")) return deps.answer(link, at.op, data, version);
    const isAsked = asks.answer(at.account, at.op.slice("answer.".length), data);
    return writeCall(isAsked ? { ok: true } : no("unknown", "nothing was asked, or too long ago"));
  };

  for (const stored of store.links()) if (stored.role === "host" && !stored.isClosed) add(stored);
  await pushAll();
  const serving = await fed.serve({
    name: "federation",
    version: "1.0.0",
    endpoints: [
      {
        name: "rpc",
        subject: wireSubjects.rpcs,
        handler: (data, { subject, headers }) => serve(data, subject, headers["Hf-V"]),
      },
      {
        name: "lobby",
        subject: wireSubjects.lobbies,
        maxInFlight: 8,
        handler: (data, { subject }) => deps.admit(subject.split(".").at(-1) ?? "", data),
      },
    ],
  });
  const status = fed.onStatus((now) => {
    // A server that came back may have lost its folder.
    if (now === "connected") void pushAllAgain();
  });
  const sweep = timers.every(deps.heartbeatMs, () => {
    const silentSince = clock.now() - silentHeartbeats * deps.heartbeatMs;
    for (const { link } of hosted.values()) {
      if (link.state === "connected" && (link.lastHeardAt ?? 0) < silentSince) link.become("reconnecting");
    }
  });
  for (const { link } of hosted.values()) void greet(link);

  return {
    links: () => [...hosted.values()].map(({ link }) => link),
    add,
    reopen: async (stored) => {
      await wire.allow(stored);
      add(stored);
    },
    renew: async (link, userKey) => {
      const stored = hosted.get(link.account)?.stored;
      return stored === undefined ? null : dialerJwt(stored, userKey, net, clock.now());
    },
    close: async (link) => {
      const current = hosted.get(link.account);
      if (current?.link !== link) return;
      const { stored } = current;
      store.keep({ ...stored, isClosed: true });
      // Told, so that it need not keep trying; hardly waited for, since it may be the reason.
      await Promise.race([asks.ask(link.account, "link.close", writeCall({}), farewellMs), fed.closed]).catch(
        () => {},
      );
      hosted.delete(link.account);
      await wire.forget(link.account);
      link.become("closed");
    },
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      sweep[Symbol.dispose]();
      status[Symbol.dispose]();
      await serving[Symbol.asyncDispose]();
    },
  };
}
