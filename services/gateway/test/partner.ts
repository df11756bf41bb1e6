/**
 * One partner's node without its links: a real nats-server, a real ledger, the view, partnership and the front door. What
 * links would carry is carried by `exchange`, frame by frame.
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeadsReply, IngestReply, MissingPayloadsReply, PayloadsReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Role } from "@handfast/api/verb";
import type { Bus } from "@handfast/bus/bus";
import { type Client, openClient } from "@handfast/client/client";
import { initLedger, startLedger } from "@handfast/ledger/service";
import { startPartnership } from "@handfast/partnership/service";
import { toBytes } from "@handfast/protocol/bytes";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import { createLedgerClient } from "@handfast/service-kit/ledger-client";
import { testCharter, testKey } from "@handfast/testkit/author";
import { startHomeBus } from "@handfast/testkit/nats-server";
import { testStateDir } from "@handfast/testkit/state-folder";
import { openReads } from "@handfast/views/open-reads";
import type { Reads } from "@handfast/views/reads";
import { openViews, type Views } from "@handfast/views/views";
import type { FastifyInstance } from "fastify";
import { createApp } from "../src/app.ts";
import type { GatewayConfig } from "../src/config.ts";
import type { NodeFacts } from "../src/node-routes.ts";
import { stateOf } from "../src/serve.ts";
import { openTokens, type Tokens } from "../src/tokens.ts";

export interface Partner extends AsyncDisposable {
  readonly name: string;
  readonly id: PartnerId;
  readonly dir: string;
  readonly log: LogId;
  /** The front door, to be asked in memory. */
  readonly app: FastifyInstance;
  /** Listening; a client for each role. */
  readonly url: string;
  as(role: Role): Client;
  token(role: Role): string;
  readonly tokens: Tokens;
  readonly bus: Bus;
  /** A further connection of its account HOME. */
  connect(name: string): Promise<Bus>;
  readonly views: Views;
  readonly reads: Reads;
}

export type PartnerOptions = {
  /** Founders of the network, this partner among them. */
  readonly founders?: readonly string[];
  readonly config?: Partial<Omit<GatewayConfig, "dir">>;
  /** What its ledger is started with. */
  readonly ledger?: Pick<Parameters<typeof startLedger>[1], "now" | "openStores">;
};

export async function openPartner(name: string, options: PartnerOptions = {}): Promise<Partner> {
  const { charter, net, bytes } = testCharter(...(options.founders ?? [name]));
  await using cleanup = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), "handfast-gateway-"));
  cleanup.defer(() => rmSync(dir, { recursive: true, force: true }));
  const home = cleanup.use(await startHomeBus(name.toLowerCase()));
  const { bus } = home;
  const identity = await initLedger({
    stateDir: testStateDir(),
    dir,
    charterBytes: bytes,
    name,
    root: testKey(`${name} root`),
    nextRootHash: "A".repeat(43),
  });
  cleanup.use(
    await startLedger({ dir, stateDir: testStateDir(), charter: bytes }, { bus, ...options.ledger }),
  );
  const self = identity.partner;
  const owner = { net, charter, self };
  const viewsDir = join(dir, "partnership");
  mkdirSync(viewsDir);
  const ledger = createLedgerClient(bus);
  const views = cleanup.use(await openViews({ dir: viewsDir, bus, ledger, ...owner }));
  const reads = cleanup.use(openReads({ dir: viewsDir, bus, ...owner }));
  cleanup.use(await startPartnership({ bus, views, version: "1.0.0" }));

  const tokens = cleanup.use(openTokens(join(dir, "gateway")));
  const node: NodeFacts = {
    net,
    networkName: charter.name,
    partner: self,
    name,
    software: "handfast/test",
  };
  const app = await createApp(options.config ?? {}, {
    bus,
    reads,
    tokens,
    node,
    state: stateOf(bus, reads),
    links: {
      peers: async () => [],
      createInvitation: async () => ({ ok: false, code: "busy" }),
      acceptInvitation: async () => ({ ok: false, code: "malformed" }),
      cutOff: async () => 0,
      restore: async () => 0,
    },
    charter: bytes,
  });
  cleanup.defer(() => app.close());
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const made = new Map<Role, string>();
  const token = (role: Role): string => {
    const text = made.get(role) ?? tokens.create({ name: role, role }, Date.now()).text;
    made.set(role, text);
    return text;
  };
  const kept = cleanup.move();
  return {
    name,
    id: self,
    dir,
    log: identity.log,
    app,
    url,
    bus,
    connect: (client) => home.connect(client),
    views,
    reads,
    token,
    tokens,
    as: (role) => openClient({ url, token: token(role) }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Carries what each holds and the other lacks, texts too, until nothing moves; resolves when both views show it. */
export async function exchange(a: Partner, b: Partner): Promise<void> {
  for (let moved = true; moved; ) {
    moved = (await carry(a, b)) || (await carry(b, a));
  }
  await Promise.all([a, b].map(settled));
}

async function settled({ bus, views, reads }: Partner): Promise<void> {
  const { head } = JSON.parse(await ask(bus, "read", { after: 0, limit: 1 })) as { head: number };
  const isSettled = (await views.caughtUp(head, 10_000)) && (await reads.caughtUp(head, 10_000));
  if (!isSettled) throw new Error("the view did not catch up");
}

async function carry(from: Partner, to: Partner): Promise<boolean> {
  const ours = HeadsReply.parse(JSON.parse(await ask(from.bus, "heads", {})));
  const theirs = HeadsReply.parse(JSON.parse(await ask(to.bus, "heads", {})));
  let moved = false;
  for (const { log, size } of ours.logs) {
    const held = theirs.logs.find((one) => one.log === log)?.size ?? 0;
    if (held >= size) continue;
    const asked = { net: ours.net, log, from: held, limit: size - held };
    const frame = await from.bus.request(
      subjects.service("ledger", "range"),
      toBytes(JSON.stringify(asked)),
      wait,
    );
    const told = await to.bus.request(subjects.service("ledger", "ingest"), frame.data, wait);
    const reply = IngestReply.parse(JSON.parse(new TextDecoder().decode(told.data)));
    moved ||= reply.ok && reply.accepted > 0;
  }
  const { refs } = MissingPayloadsReply.parse(
    JSON.parse(await ask(to.bus, "missing-payloads", { after: 0, limit: 256 })),
  );
  if (refs.length === 0) return moved;
  const { payloads } = PayloadsReply.parse(JSON.parse(await ask(from.bus, "payloads", { refs })));
  const here = payloads.filter((one): one is Extract<typeof one, { body: string }> => "body" in one);
  if (here.length === 0) return moved;
  await ask(to.bus, "keep-payloads", { payloads: here });
  await settled(to);
  // Texts come without a word; a node asks for them every two seconds.
  await to.views.texts.load(here.map(({ ref }) => ref));
  return true;
}

const wait = { timeoutMs: 10_000 };
const ask = async (bus: Bus, verb: string, request: object): Promise<string> =>
  new TextDecoder().decode(
    (await bus.request(subjects.service("ledger", verb), toBytes(JSON.stringify(request)), wait)).data,
  );
