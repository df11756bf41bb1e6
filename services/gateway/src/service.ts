/** The front door: opens the tokens, builds the application, listens. */
import { isIP } from "node:net";
import { type AppDeps, createApp } from "./app.ts";
import { type GatewayConfig, limits } from "./config.ts";
import { boundConnections } from "./connections.ts";
import { openTokens } from "./tokens.ts";

export type { GatewayConfig } from "./config.ts";
export type { LinksPort, NodeFacts, NodeState } from "./node-routes.ts";

export type GatewayDeps = Omit<AppDeps, "tokens">;

export interface Gateway extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
}

/** Resolves when it listens. Disposing answers what is under way, ends event streams, and closes. */
export async function startGateway(config: GatewayConfig, deps: GatewayDeps): Promise<Gateway> {
  await using cleanup = new AsyncDisposableStack();
  const tokens = cleanup.use(openTokens(config.dir));
  const app = await createApp(config, { ...deps, tokens });
  cleanup.defer(() => app.close());
  boundConnections(app.server, limits.connections);
  const host = config.host ?? "127.0.0.1";
  await app.listen({
    host,
    port: config.port ?? 0,
    // Handed to the logger as it is: a line with an event, like all others.
    listenTextResolver: (url) => ({ event: "gateway.listening", url }) as unknown as string,
  });
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway listens nowhere");
  const { port } = address;
  const kept = cleanup.move();
  return {
    url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    port,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
