/**
 * The bridge between this node and its peers: links, invitations, live batches, calls, and the comparing of heads on
 * which alone correctness depends. It holds no log key and believes nothing: the ledger judges every frame.
 */

import type { AcceptReply, PeerStatus } from "@handfast/api/messages/federation";
import type { Bus } from "@handfast/bus/bus";
import type { Logger } from "@handfast/bus/logger";
import type { ClaimsPort } from "@handfast/nats-operator/claims";
import type { OperatorIdentity } from "@handfast/nats-operator/identity";
import { toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import { networkIdOf } from "@handfast/protocol/charter";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { createLedgerClient, type LedgerClient } from "@handfast/service-kit/ledger-client";
import { admitNewcomer } from "./admit-newcomer.ts";
import { createCalls } from "./calls.ts";
import { createCatchUp } from "./catch-up.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Dialer, startDialer } from "./dialer.ts";
import { createEvents } from "./events.ts";
import { createGreeting } from "./greeting.ts";
import { serveAtHome } from "./home-endpoints.ts";
import { type Hosting, startHosting } from "./hosting.ts";
import { createIntake } from "./intake.ts";
import { createInvitation, type ReadInvitation, readInvitation } from "./invitation.ts";
import { type DialerLink, type LinksStore, openLinksStore } from "./links-store.ts";
import { startLive } from "./live.ts";
import { watchLobbies } from "./lobbies.ts";
import { watchOwnLog } from "./own-log.ts";
import { createPayloadPull } from "./payload-pull.ts";
import type { PeerLink } from "./peer-link.ts";
import { statusOf, statusOfClosed } from "./peer-status.ts";
import { createSizes } from "./sizes.ts";
import { no, type Speaker } from "./speaker.ts";
import { followStanding } from "./standing.ts";
import { heldSpeaker, refusalOf, signingInForce } from "./statements.ts";
import { takeUpInvitation } from "./take-up-invitation.ts";
import { endTogether, systemTimers, type Timers } from "./timers.ts";
import type { TrafficRules } from "./traffic.ts";
import { createWire, type Wire } from "./wire.ts";

/** Frozen when the service starts. Times in milliseconds, sizes in bytes. */
export type FederationConfig = {
  /** The founding charter's canonical bytes. */
  readonly charter: Uint8Array;
  /** The service's own folder; made with mode 0700 when absent. Holds `links.db`. */
  readonly dir: string;
  /** Written into invitations and grants where an invitation names none: `tls://host:port`. */
  readonly endpoints: readonly string[];
  /** How often all links compare heads; jittered. Default 5 minutes. */
  readonly reconcileMs?: number;
  /** How often a dialer says hello; a host takes three silent periods for a lost link. Default 10 s. */
  readonly heartbeatMs?: number;
  /** What one link may ask of this node. Default: the protocol's. */
  readonly traffic?: TrafficRules;
};

export type FederationDeps = {
  /** Connected in account HOME, with the ledger behind it. */
  readonly home: Bus;
  /** This node's own nats-server: the service opens its connection in account FED itself. */
  readonly natsServer: { readonly url: string; readonly caPem: string };
  readonly identity: OperatorIdentity;
  /** A connection in the system account. */
  readonly claims: ClaimsPort;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** Default: `links.db` in `dir`. */
  readonly store?: LinksStore;
  /** Default: NATS, by `natsServer`, `identity` and `claims`. */
  readonly wire?: Wire;
};

export type CreatedInvitation = {
  readonly ok: true;
  /** `hfinv1.<b64u>`: a secret, for one partner, once. */
  readonly invitation: string;
  readonly expires: number;
};

export interface Federation extends AsyncDisposable {
  createInvitation(options?: {
    readonly endpoints?: readonly string[];
    /** At most 72. Default 72. */
    readonly validHours?: number;
  }): Promise<CreatedInvitation>;
  /** Takes up an invitation: the first one into a network, or one more link. Resolves when the link is stored. */
  acceptInvitation(invitation: string): Promise<AcceptReply>;
  /** Closes every link with this partner until `restore`. History stays. Answers how many there were. */
  cutOff(partner: PartnerId): Promise<number>;
  /** Opens the closed links with this partner again. Answers how many there are; the partner has to do the same. */
  restore(partner: PartnerId): Promise<number>;
  peers(): readonly PeerStatus[];
  /** Compares heads over every link that is up and fetches what is missing. Resolves when nothing moves any more. */
  reconcileNow(): Promise<void>;
}

export type { DialerLink, HostLink, LinksStore } from "./links-store.ts";
export type { Timers } from "./timers.ts";
export type { Wire } from "./wire.ts";
/** For a newcomer, which needs the charter before it can open its log. */
export { type ReadInvitation, readInvitation };

/** The ledger may be verifying a long range for a peer. */
const ledgerTimeoutMs = 30_000;
const defaultReconcileMs = 5 * 60_000;
const defaultHeartbeatMs = 10_000;

/** Resolves when what peers may reach is served and every stored link is being dialled. The ledger must be up. */
export async function startFederation(config: FederationConfig, deps: FederationDeps): Promise<Federation> {
  await using cleanup = new AsyncDisposableStack();
  const { charter } = config;
  const net = networkIdOf(charter);
  const { home, identity, claims, logger, clock = systemClock } = deps;
  // Ended last of all: until then something may still wait.
  const timers = cleanup.use(endTogether(deps.timers ?? systemTimers));
  const wire = deps.wire ?? createWire({ net, natsServer: deps.natsServer, identity, claims, logger });
  const heartbeatMs = config.heartbeatMs ?? defaultHeartbeatMs;
  const events = createEvents(logger, clock.now);
  const client = createLedgerClient(home, ledgerTimeoutMs);
  const { partner: self } = await client.status();
  const readOwn = () => ownSpeaker(client, self, net);
  const ledger: LedgerClient = { ...client, sign: signingInForce(client, readOwn) };

  const store = cleanup.use(deps.store ?? openLinksStore(config.dir));
  const fed = cleanup.use(await wire.openOwn());
  const dialers = new Map<string, Dialer>();
  let hosting: Hosting | undefined;
  const links = (): readonly PeerLink[] => [
    ...(hosting?.links() ?? []),
    ...[...dialers.values()].map((dialer) => dialer.link),
  ];

  let onFork = async (): Promise<void> => {};
  let onStanding = async (): Promise<void> => {};
  const sizes = createSizes(ledger);
  await sizes.refresh();
  const onPaused = (link: PeerLink): void => {
    events.linkPaused(link, link.conduct.pausedUntil ?? 0);
    // What a dialled host still sends costs as much as if it were looked at: the connection waits out the pause as well.
    dialers.get(link.account)?.hangUp();
  };
  const receive = createIntake({ ledger, events, onPaused });
  const watch = cleanup.use(
    watchOwnLog({
      self,
      ledger,
      count: () => store.links().filter(({ isClosed }) => !isClosed).length,
      links,
      clock,
      timers,
      events,
    }),
  );
  const standing = cleanup.use(
    await followStanding({ home, ledger, timers, events, onChanged: () => void onStanding() }),
  );
  const payloads = cleanup.use(
    createPayloadPull({
      net,
      ledger,
      links,
      sizes,
      isActive: () => standing.isActive(self),
      clock,
      timers,
      events,
    }),
  );
  const catchUp = cleanup.use(
    createCatchUp({
      net,
      sizes,
      firstMost: standing.firstMost,
      receive,
      compare: async (heads) => (await ledger.compare({ heads })).heads,
      onPaused,
      prove: async (heads) => (await ledger.prove({ heads: [...heads] })).sizes,
      linkOf: (partner) => links().find(({ peer, state }) => peer === partner && state === "connected"),
      clock,
      timers,
      events,
      onArrived: payloads.wanted,
      onCompared: (link, heads) => watch.heard(link, heads),
    }),
  );
  const live = cleanup.use(
    startLive({
      net,
      self,
      home,
      fed,
      links,
      receive,
      catchUp,
      sizes,
      timers,
      events,
      onArrived: payloads.wanted,
      onFork: () => void onFork(),
      onPaused,
    }),
  );
  const onHeard = watchLobbies({ store, wire, clock, timers, events });
  const linkDeps = {
    isHeld: (log: LogId) => sizes.of(log) > 0,
    ...(config.traffic === undefined ? {} : { traffic: config.traffic }),
    onUp: (link: PeerLink) => {
      events.linkUp(link);
      if (link.role === "host") onHeard(link.peer);
      void catchUp.reconcile(link, "up");
    },
    onDown: (link: PeerLink, state: string) =>
      state === "closed" ? events.linkClosed(link) : events.linkLost(link),
  };
  const close = async (link: PeerLink): Promise<void> => {
    if (link.role === "host") return hosting?.close(link);
    const dialer = dialers.get(link.account);
    // A peer's farewell may be carried out after its link was restored: the one that took its place stays.
    if (dialer?.link !== link) return;
    dialers.delete(link.account);
    await dialer.close();
  };
  const greeting = createGreeting({ net, clock, sizes, catchUp });
  const answer = createCalls({
    net,
    clock,
    timers,
    ledger,
    live,
    greeting,
    events,
    isActive: standing.isActive,
    renew: async (link, userKey) => (await hosting?.renew(link, userKey)) ?? null,
    close: (link) => close(link).catch((err: unknown) => events.failed("link.close", err)),
  });
  const admit = async (token: string, data: Uint8Array): Promise<Uint8Array> => {
    const onLink: Parameters<typeof admitNewcomer>[2]["onLink"] = (link) => hosting?.add(link);
    const admitDeps = {
      net,
      self,
      identity,
      claims,
      ledger,
      store,
      clock,
      events,
      onLink,
      readOwn,
    };
    const grant = await admitNewcomer(token, data, admitDeps).catch((err: unknown) => {
      events.failed("join", err);
      return no("internal", "a fault of the inviter's node: try again");
    });
    if ("ok" in grant) events.joinRefused(grant.code, grant.detail);
    return toBytes(canonicalText(grant as unknown as Json));
  };
  hosting = cleanup.use(
    await startHosting({
      net,
      fed,
      wire,
      store,
      clock,
      timers,
      events,
      heartbeatMs,
      answer,
      greeting,
      admit,
      link: linkDeps,
    }),
  );

  /** Those that there are, open or closed. */
  const linksWith = (partner: PartnerId) => store.links().filter(({ peer }) => peer === partner);
  const dial = (link: DialerLink): void => {
    const onLive = (from: PeerLink, frame: Uint8Array) => live.hear(from, frame);
    const dialerDeps = {
      net,
      store,
      clock,
      timers,
      events,
      wire,
      heartbeatMs,
      answer,
      greeting,
      onLive,
      link: linkDeps,
    };
    dialers.set(link.account, startDialer(link, dialerDeps));
  };
  for (const link of store.links()) if (link.role === "dialer" && !link.isClosed) dial(link);
  cleanup.defer(async () => {
    await Promise.all([...dialers.values()].map((dialer) => dialer[Symbol.asyncDispose]()));
  });

  const reconcileAll = async (why: "timer" | "asked"): Promise<void> => {
    const up = links().filter((link) => link.state === "connected");
    await Promise.all(up.map((link) => catchUp.reconcile(link, why)));
    // The ledger may have found that a text is damaged: nothing arrives that would say so.
    payloads.wanted();
  };
  onFork = () => reconcileAll("asked");
  // What was over somebody's budget is within it now: it is asked for again.
  onStanding = async () => {
    await sizes.refresh().catch((err: unknown) => events.ledgerFailed("heads", err));
    payloads.wantedAnew();
    await reconcileAll("asked");
  };
  const reconcileMs = config.reconcileMs ?? defaultReconcileMs;
  // Jittered once a node: nodes that began together do not all compare at once.
  cleanup.use(timers.every(reconcileMs * (0.75 + timers.random() / 2), () => void reconcileAll("timer")));

  const ending = new AbortController();
  const federation: Omit<Federation, typeof Symbol.asyncDispose> = {
    createInvitation: async (options = {}) => {
      const endpoints = options.endpoints ?? config.endpoints;
      const wanted = { endpoints, validHours: options.validHours };
      const { caPem } = deps.natsServer;
      const own = await readOwn();
      const inviteDeps = { own, charter, caPem, wire, ledger, store, nowMs: clock.now() };
      const created = await createInvitation(wanted, inviteDeps);
      events.invited(created.expires);
      return { ok: true, ...created };
    },
    acceptInvitation: async (text) => {
      const read = readInvitation(text, clock.now());
      if (!read.ok) return read;
      const own = await readOwn();
      const joinDeps = { own, net, ledger, store, ending: ending.signal };
      const taken = await takeUpInvitation(read, joinDeps).catch(refusalOf);
      if (!taken.ok) return taken;
      const { link } = taken;
      await dialers.get(link.account)?.[Symbol.asyncDispose]();
      dial(link);
      events.linkOpened(link);
      return { ok: true, peer: link.peer };
    },
    cutOff: async (partner) => {
      await Promise.all(
        links()
          .filter((link) => link.peer === partner)
          .map(close),
      );
      return linksWith(partner).length;
    },
    restore: async (partner) => {
      for (const link of linksWith(partner)) {
        const dialer = dialers.get(link.account);
        if (link.isClosed) {
          const reopened = store.keep({ ...link, isClosed: false });
          if (reopened.role === "host") await hosting?.reopen(reopened);
          else dial(reopened);
        } else if (link.role === "dialer" && dialer?.link.state !== "connected") {
          // The host cut us off and may have told us of it too late: dial at once, rather than after the pause.
          await dialer?.[Symbol.asyncDispose]();
          const current = dialers.get(link.account);
          if (current === undefined || current === dialer)
            dial(store.keep({ ...link, isClosed: false }) as DialerLink);
        }
      }
      return linksWith(partner).length;
    },
    peers: () => {
      // How much is held changes all the time; the next look shows it.
      standing.refresh().catch((err: unknown) => events.ledgerFailed("standing", err));
      const open = links();
      const gone = store
        .links()
        .filter((link) => link.isClosed && !open.some(({ peer }) => peer === link.peer));
      return [
        ...open.map((link) => statusOf(link, sizes, standing)),
        ...gone.map((link) => statusOfClosed(link, standing)),
      ];
    },
    reconcileNow: () => reconcileAll("asked"),
  };
  cleanup.use(await serveAtHome(home, federation));
  // First of all: an inviter that does not answer must not hold up the end.
  cleanup.defer(() => ending.abort());
  const kept = cleanup.move();
  return { ...federation, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Our own keys in force, as everybody is shown them: read each time, since the root key may set them anew. */
async function ownSpeaker(ledger: LedgerClient, self: PartnerId, net: NetworkId): Promise<Speaker> {
  const own = await heldSpeaker(ledger, self, net);
  if (own === null) throw new Error("the ledger does not hold our first log");
  return own;
}
