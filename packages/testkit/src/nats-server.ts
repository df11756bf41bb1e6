/** A real nats-server of one's own with connections in its account HOME, as a node's services have them; about 0.1 s. */
import type { Bus } from "@handfast/bus/bus";
import { openBus } from "@handfast/bus/connect";
import { createHomeCredentials } from "@handfast/nats-operator/credentials";
import { startTestNatsServer } from "@handfast/nats-operator/test-server";

export interface HomeBus extends AsyncDisposable {
  /** A connection; `connect` gives more of them. */
  readonly bus: Bus;
  connect(name: string): Promise<Bus>;
  /** What another process needs to connect. */
  credentials(name: string): Promise<{ readonly url: string; readonly jwt: string; readonly seed: string }>;
}

/** Starts a server without TLS on a free port of the loopback; disposing it closes every connection and stops it. */
export async function startHomeBus(name = "orchard"): Promise<HomeBus> {
  await using cleanup = new AsyncDisposableStack();
  const { server, identity } = cleanup.use(await startTestNatsServer({ name, tls: false }));
  const open = async (client: string): Promise<Bus> =>
    openBus({
      servers: [server.url],
      credentials: await createHomeCredentials(identity, client),
      name: client,
    });
  const bus = cleanup.use(await open("ledger"));
  const kept = cleanup.move();
  return {
    bus,
    credentials: async (client) => ({ url: server.url, ...(await createHomeCredentials(identity, client)) }),
    connect: async (client) => kept.use(await open(client)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
