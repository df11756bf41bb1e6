/** What the tests of the bus share: a nats-server with TLS, and connections to it as each kind of user. */
import type { LinkAccount } from "@handfast/nats-operator/accounts";
import { createLinkAccount, signLinkAccount } from "@handfast/nats-operator/accounts";
import { type ClaimsPort, pushAccount } from "@handfast/nats-operator/claims";
import {
  type Credentials,
  createFedCredentials,
  createHomeCredentials,
  createSystemCredentials,
  signDialer,
} from "@handfast/nats-operator/credentials";
import { createUserKey } from "@handfast/nats-operator/keys";
import { startTestNatsServer, type TestNatsServer } from "@handfast/nats-operator/test-server";
import type { Bus } from "../src/bus.ts";
import { type BusOptions, openBus } from "../src/connect.ts";

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** One host: its server, and the connections its own services hold. */
export interface Host extends AsyncDisposable {
  readonly nats: TestNatsServer;
  readonly claims: ClaimsPort;
  readonly home: Bus;
  readonly fed: Bus;
  connect(credentials: Credentials, more?: Partial<BusOptions>): Promise<Bus>;
  /** Makes a link for one network and connects its dialer. */
  dial(
    network: string,
  ): Promise<{ readonly link: LinkAccount; readonly credentials: Credentials; readonly bus: Bus }>;
}

export async function startHost(name: string): Promise<Host> {
  await using cleanup = new AsyncDisposableStack();
  const nats = cleanup.use(await startTestNatsServer({ name }));
  const { identity } = nats;
  const connect: Host["connect"] = async (credentials, more = {}) => {
    const caPem = nats.authority.certificatePem;
    return cleanup.use(await openBus({ servers: [nats.server.url], credentials, caPem, name, ...more }));
  };
  const system = await connect(await createSystemCredentials(identity, "operator"));
  const claims: ClaimsPort = {
    request: async (subject, data, timeoutMs) => (await system.request(subject, data, { timeoutMs })).data,
  };
  const home = await connect(await createHomeCredentials(identity, "home"));
  const fed = await connect(await createFedCredentials(identity, "federation"));
  const kept = cleanup.move();
  return {
    nats,
    claims,
    home,
    fed,
    connect: async (credentials, more = {}) => {
      const caPem = nats.authority.certificatePem;
      return kept.use(await openBus({ servers: [nats.server.url], credentials, caPem, name, ...more }));
    },
    dial: async (network) => {
      const link = createLinkAccount(network);
      await pushAccount(claims, await signLinkAccount(identity, link));
      const key = createUserKey();
      const credentials = {
        jwt: await signDialer(link, { user: key.user, nowMs: Date.now() }),
        seed: key.seed,
      };
      const caPem = nats.authority.certificatePem;
      const bus = kept.use(await openBus({ servers: [nats.server.url], credentials, caPem, name: "dialer" }));
      return { link, credentials, bus };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
