/**
 * A network of partners on one machine: the first founds it, each further one is invited, joins, is admitted by the others'
 * votes, and opens a link to every member. Each link runs through a relay that can be cut.
 */
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { NodeError } from "../node/fault.ts";
import { initCommand } from "../node/init-command.ts";
import { joinCommand } from "../node/join-command.ts";
import { type DemoNode, demoNode } from "./demo-node.ts";
import { openRelay, type Relay } from "./relay.ts";

export interface DemoNetwork extends AsyncDisposable {
  readonly nodes: readonly DemoNode[];
  /** The relays of every link that touches this partner. */
  relaysOf(name: string): readonly Relay[];
}

export type DemoNetworkOptions = {
  readonly name: string;
  readonly partners: readonly string[];
  /** Where the data folders go; must exist. */
  readonly dir: string;
  readonly say: (text: string) => void;
  /** Each service of each node as a process of its own. */
  readonly isApart?: boolean;
  /** Aborted, the opening fails at its next step and takes down what is there. */
  readonly signal?: AbortSignal;
};

const admissionLimitMs = 60_000;

export async function openDemoNetwork({
  name,
  partners,
  dir,
  say,
  isApart = false,
  signal,
}: DemoNetworkOptions): Promise<DemoNetwork> {
  await using cleanup = new AsyncDisposableStack();
  const relays: { readonly between: readonly string[]; readonly relay: Relay }[] = [];
  const nodes: DemoNode[] = [];

  for (const [index, partner] of partners.entries()) {
    const path = join(dir, `${index + 1}-${partner.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`);
    const natsPort = await freePort();
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const node = demoNode(partner, path, natsPort, isApart);
    await initCommand(
      node.folder,
      {
        name: partner,
        httpPort: "0",
        natsPort: String(natsPort),
        stateDir: node.stateDir,
        ...(index === 0 ? { network: name } : {}),
      },
      Date.now(),
    );
    nodes.push(node);
  }

  const [founder, ...newcomers] = nodes as [DemoNode, ...DemoNode[]];
  /** An invitation to `host` whose endpoint is a relay of this one link's own. */
  const invitationTo = async (host: DemoNode, guest: DemoNode): Promise<string> => {
    const relay = cleanup.use(await openRelay(host.natsPort));
    relays.push({ between: [host.name, guest.name], relay });
    return (await host.api.invite({ validHours: 1, endpoints: [`tls://localhost:${relay.port}`] }))
      .invitation;
  };

  cleanup.use(founder);
  await founder.start();
  say(`${founder.name} founded the network "${name}"`);
  const members: DemoNode[] = [founder];
  for (const node of newcomers) {
    signal?.throwIfAborted();
    await joinCommand(
      node.folder,
      await invitationTo(founder, node),
      { yes: true, stateDir: node.stateDir },
      () => Promise.reject(new NodeError("unreachable", "not up yet")),
      Date.now(),
    );
    cleanup.use(node);
    await node.start();
    await admit(node, members, signal);
    say(
      `${node.name} joined; ${members.length === 1 ? founder.name : `a majority of ${members.length}`} admitted it`,
    );
    for (const other of members.slice(1)) {
      signal?.throwIfAborted();
      await node.api.acceptInvitation(await invitationTo(other, node));
    }
    members.push(node);
  }
  signal?.throwIfAborted();
  const owned = cleanup.move();
  return {
    nodes,
    relaysOf: (partner) => relays.flatMap(({ between, relay }) => (between.includes(partner) ? [relay] : [])),
    [Symbol.asyncDispose]: async () => {
      // All at once: each mostly waits, and one that is left alone looks for the others.
      await Promise.all(nodes.map((node) => node.stop()));
      await owned.disposeAsync();
    },
  };
}

/** Every member votes yes once it sees the newcomer; resolves when the newcomer sees itself active. */
async function admit(node: DemoNode, members: readonly DemoNode[], signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + admissionLimitMs;
  const voted = new Set<DemoNode>();
  while ((await node.api.memberState(node.name)) !== "active") {
    if (performance.now() > deadline)
      throw new NodeError("admission-timeout", `${node.name} was not admitted within ${admissionLimitMs} ms`);
    for (const member of members) {
      if (voted.has(member)) continue;
      const state = await member.api.memberState(node.name);
      if (state === "sponsored") {
        const on = await member.api.partnerId(node.name);
        await member.api.command("partner.admit", { on, body: { yes: true }, idempotencyKey: `admit.${on}` });
      }
      if (state !== null) voted.add(member);
    }
    await delay(20, undefined, { signal });
  }
}

/** A loopback port that was free a moment ago. A node's NATS port must be known before it starts, and stay. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
