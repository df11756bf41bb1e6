/**
 * A link that we dial: one connection outward, kept for as long as the link exists. Over it go our calls, the host's live
 * batches and its questions. A login the host refuses is tried again, ever more slowly: its server may have lost what it
 * knew of us and learn it again.
 */
import type { Bus, BusMessage } from "@handfast/bus/bus";
import { BusError } from "@handfast/bus/fault";
import { readUserJwt } from "@handfast/nats-operator/credentials";
import { publicKeyOf } from "@handfast/nats-operator/keys";
import { toBytes } from "@handfast/protocol/bytes";
import { Ask, linkRules, parseCall, RenewReply, versionHeader } from "@handfast/protocol/federation";
import type { NetworkId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { wireSubjects } from "@handfast/protocol/subjects";
import { readAnswer, writeCall } from "./answers.ts";
import type { AnswerCall } from "./calls.ts";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { Greeting } from "./greeting.ts";
import type { DialerLink, LinksStore } from "./links-store.ts";
import { createPeerLink, type PeerLink, type PeerLinkDeps } from "./peer-link.ts";
import { pause, type Timers } from "./timers.ts";
import type { Wire } from "./wire.ts";

export interface Dialer extends AsyncDisposable {
  readonly link: PeerLink;
  /** Ends the connection for as long as the link is paused. */
  hangUp(): void;
  /** Tells the host, and never dials again. */
  close(): Promise<void>;
}

export type DialerDeps = {
  readonly net: NetworkId;
  readonly store: LinksStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: Events;
  readonly wire: Pick<Wire, "dial">;
  readonly heartbeatMs: number;
  readonly answer: AnswerCall;
  readonly greeting: Greeting;
  readonly onLive: (link: PeerLink, frame: Uint8Array) => void;
  readonly link: Pick<PeerLinkDeps, "onUp" | "onDown" | "traffic" | "isHeld">;
};

const firstWaitMs = 250;
const lastWaitMs = 60_000;
const renewBeforeMs = 10 * 24 * 3_600_000;
const asksAtOnce = 64;

/** Why a host's server may have refused our login, and what to do. */
export const whyRefused = ({ name, expires }: Pick<DialerLink, "name" | "expires">, nowMs: number): string =>
  expires <= nowMs
    ? `its login ran out: ask ${name} for a new invitation, and join with it`
    : `${name}'s server refuses this login: ${name} closed the link, or lost what it knew of it and learns it again; if it stays so, ask for a new invitation`;
const whySilent = ({ name, endpoints }: DialerLink): string =>
  `nobody answers at ${endpoints.join(", ")}: if ${name} has moved, ask for a new invitation and join with it`;

/** Begins to dial and does not wait for it. */
export function startDialer(first: DialerLink, deps: DialerDeps): Dialer {
  const { net, clock, timers, events, store } = deps;
  const stop = new AbortController();
  let stored = first;
  let bus: Bus | null = null;
  let waitMs = firstWaitMs;
  let asked = 0;

  const request = async (subject: string, data: Uint8Array, timeoutMs: number): Promise<Uint8Array> => {
    if (bus === null) throw new BusError("bus-unavailable", "the link is down", { reason: "disconnected" });
    const reply = await bus.request(subject, data, { timeoutMs, headers: versionHeader });
    return reply.data;
  };
  const { peer, name, role, account } = first;
  const link = createPeerLink(
    { peer, name, role, account },
    {
      ...deps.link,
      clock,
      send: (op, data, timeoutMs) => request(wireSubjects.call(op), data, timeoutMs),
      serverVersion: () => bus?.serverVersion ?? null,
      hasConnection: () => bus?.status === "connected",
    },
  );

  const hello = async (): Promise<void> => {
    try {
      const call = deps.greeting.write();
      const answer = deps.greeting.heed(
        link,
        await request(wireSubjects.call("hello"), call, linkRules.requestTimeoutMs),
      );
      if (!answer.ok) return events.peerFailed(link, "hello", answer);
      waitMs = firstWaitMs;
      link.heard();
      if (stored.expires - clock.now() < renewBeforeMs) await renew();
    } catch (err) {
      // The host's server may be up while its node is not; the next heartbeat asks again.
      events.peerFailed(link, "hello", err);
      if (link.state === "connected") link.become("reconnecting");
    }
  };

  const renew = async (): Promise<void> => {
    const userKey = publicKeyOf(stored.seed);
    const answer = readAnswer(RenewReply, await link.request("link.renew", writeCall({ userKey })));
    if (!answer.ok) return events.peerFailed(link, "link.renew", answer);
    const { jwt, expires } = answer.value;
    const facts = readUserJwt(jwt);
    if (facts?.user !== userKey || facts.account !== account || expires <= stored.expires) return;
    stored = store.keep({ ...stored, jwt, expires }) as DialerLink;
    // The new login counts from the next connection on, which follows at once.
    await bus?.drain();
  };

  const answerAsk = async ({ data, headers }: BusMessage): Promise<void> => {
    const ask = parseCall(Ask, data);
    if (ask === null || asked >= asksAtOnce) return;
    asked += 1;
    try {
      const answer = await deps.answer(link, ask.op, toBytes(ask.q), headers["Hf-V"]);
      link.heard();
      await request(wireSubjects.call(`answer.${ask.rid}`), answer, ask.ttl);
    } catch (err) {
      events.peerFailed(link, `answer ${ask.op}`, err);
    } finally {
      asked -= 1;
    }
  };

  /** One connection, from its beginning to its end. */
  const dialOnce = async (): Promise<Error | null> => {
    const opened = await deps.wire.dial(stored);
    if (stop.signal.aborted) {
      await opened.drain();
      return null;
    }
    bus = opened;
    opened.subscribe(wireSubjects.liveOf(net), ({ data }) => deps.onLive(link, data), {
      maxMessageBytes: limits.frameBytes,
      maxPending: 4_096,
    });
    opened.subscribe(wireSubjects.ask(account), (message) => void answerAsk(message), {
      maxPending: asksAtOnce,
    });
    opened.onStatus((status) => {
      if (status === "connected") void hello();
      else if (link.state === "connected") link.become("reconnecting");
    });
    using _heart = timers.every(deps.heartbeatMs, () => {
      if (opened.status === "connected") void hello();
    });
    void hello();
    await opened.closed;
    bus = null;
    return opened.closedBecause;
  };

  const dial = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const { pausedUntil } = link.conduct;
      if (pausedUntil !== null) {
        await pause(timers, pausedUntil - clock.now(), stop.signal);
        continue;
      }
      const why = await dialOnce().catch((err: unknown) => err);
      if (stop.signal.aborted) return;
      if (why === null) continue;
      const isRefused = why instanceof BusError && why.reason === "login-refused";
      if (isRefused) events.linkRefused(link, why);
      else events.peerFailed(link, "dial", why);
      const reason = isRefused ? whyRefused(stored, clock.now()) : whySilent(stored);
      link.become(isRefused ? "closed" : "reconnecting", reason);
      await pause(timers, waitMs + timers.random() * waitMs, stop.signal);
      waitMs = Math.min(2 * waitMs, lastWaitMs);
    }
  };
  const dialling = dial();

  const end = async (): Promise<void> => {
    stop.abort();
    await bus?.drain();
    await dialling;
  };
  return {
    link,
    hangUp: () => void bus?.drain(),
    close: async () => {
      store.keep({ ...stored, isClosed: true });
      if (link.state === "connected") {
        await link.request("link.close", writeCall({}), 500).catch((err: unknown) => {
          events.peerFailed(link, "link.close", err);
        });
      }
      await end();
      link.become("closed");
    },
    [Symbol.asyncDispose]: end,
  };
}
