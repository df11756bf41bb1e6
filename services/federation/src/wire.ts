/**
 * Where this service reaches nats-servers: its own, where it also says which links may log in, and those of hosts. A port, so
 * that everything above it runs over another network in a simulation.
 */
import type { Bus } from "@handfast/bus/bus";
import { openBus } from "@handfast/bus/connect";
import type { Logger } from "@handfast/bus/logger";
import { signLinkAccount, signLobbyAccount } from "@handfast/nats-operator/accounts";
import { type ClaimsPort, deleteAccounts, pushAccount } from "@handfast/nats-operator/claims";
import { createFedCredentials } from "@handfast/nats-operator/credentials";
import type { OperatorIdentity } from "@handfast/nats-operator/identity";
import type { NetworkId } from "@handfast/protocol/ids";
import { accountOf } from "./admit-newcomer.ts";
import type { DialerLink, HostLink } from "./links-store.ts";

export interface Wire {
  /** Connects to our own server, in account FED. */
  openOwn(): Promise<Bus>;
  /** Connects to a host's server with the login it gave us. */
  dial(link: Pick<DialerLink, "peer" | "endpoints" | "jwt" | "seed" | "caPem">): Promise<Bus>;
  /** Tells our server of a link's account: its dialer may log in. */
  allow(link: HostLink): Promise<void>;
  /** Tells our server of an invitation's account: its bearer may send a join. */
  allowBearer(account: string): Promise<void>;
  /** Tells our server to forget an account: its connections are closed within some tens of milliseconds. */
  forget(account: string): Promise<void>;
}

export function createWire(deps: {
  readonly net: NetworkId;
  readonly natsServer: { readonly url: string; readonly caPem: string };
  readonly identity: OperatorIdentity;
  readonly claims: ClaimsPort;
  readonly logger: Logger | undefined;
}): Wire {
  const { net, natsServer, identity, claims } = deps;
  const logging = deps.logger === undefined ? {} : { logger: deps.logger };
  return {
    openOwn: async () =>
      openBus({
        servers: [natsServer.url],
        credentials: await createFedCredentials(identity, "federation"),
        caPem: natsServer.caPem,
        name: "federation",
        ...logging,
      }),
    dial: ({ peer, endpoints, jwt, seed, caPem }) =>
      openBus({ servers: endpoints, credentials: { jwt, seed }, caPem, name: `link ${peer}`, ...logging }),
    allow: async (link) => pushAccount(claims, await signLinkAccount(identity, accountOf(link, net))),
    allowBearer: async (account) => pushAccount(claims, await signLobbyAccount(identity, account)),
    forget: (account) => deleteAccounts(claims, identity, [account]),
  };
}
