/** The service on its own: opens its connections, one in HOME and one in the system account, and serves until it is disposed. */
import { readFileSync } from "node:fs";
import { openBus } from "@handfast/bus/connect";
import type { Logger } from "@handfast/bus/logger";
import type { ClaimsPort } from "@handfast/nats-operator/claims";
import { createSystemCredentials } from "@handfast/nats-operator/credentials";
import { parseOperatorIdentity } from "@handfast/nats-operator/identity";
import { connectService } from "@handfast/service-kit/bus-settings";
import type { Service } from "@handfast/service-kit/run";
import type { Env } from "@handfast/service-kit/settings";
import { readConfig } from "./config.ts";
import { startFederation } from "./service.ts";

/**
 * @param env What `config.ts` names.
 * @throws {SettingsError} Naming every bad setting.
 */
export async function serveFederation(env: Env, logger: Logger): Promise<Service> {
  const settings = readConfig(env);
  const { url, caFile } = settings.bus;
  const caPem = readFileSync(caFile, "utf8");
  const identity = parseOperatorIdentity(JSON.parse(readFileSync(settings.operatorFile, "utf8")));
  await using cleanup = new AsyncDisposableStack();
  const home = cleanup.use(await connectService(settings.bus, "federation", logger));
  const system = cleanup.use(
    await openBus({
      servers: [url],
      caPem,
      name: "federation claims",
      credentials: await createSystemCredentials(identity, "federation"),
      logger,
    }),
  );
  const claims: ClaimsPort = {
    request: async (subject, bytes, timeoutMs) => (await system.request(subject, bytes, { timeoutMs })).data,
  };
  const { dir, endpoints, reconcileMs } = settings;
  cleanup.use(
    await startFederation(
      { charter: new Uint8Array(readFileSync(settings.charterFile)), dir, endpoints, reconcileMs },
      { home, natsServer: { url, caPem }, identity, claims, logger },
    ),
  );
  const owned = cleanup.move();
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
