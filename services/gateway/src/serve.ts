/** The gateway on its own: opens its connection to the bus and the read model, and listens until it is disposed. */
import { readFileSync } from "node:fs";
import { PartnershipStatus } from "@handfast/api/messages/command";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { decodeJson } from "@handfast/bus/json";
import { isBelowMinimum } from "@handfast/nats-operator/version";
import { networkIdOf, parseCharter } from "@handfast/protocol/charter";
import { PartnerId } from "@handfast/protocol/ids";
import { Name } from "@handfast/protocol/text";
import { connectService } from "@handfast/service-kit/bus-settings";
import type { Logger } from "@handfast/service-kit/logger";
import type { Service } from "@handfast/service-kit/run";
import type { Env } from "@handfast/service-kit/settings";
import { openReads } from "@handfast/views/open-reads";
import type { Reads } from "@handfast/views/reads";
import { z } from "zod";
import manifest from "../package.json" with { type: "json" };
import { limits, readConfig } from "./config.ts";
import { createFederationClient } from "./federation-client.ts";
import type { NodeState } from "./node-routes.ts";
import { startGateway } from "./service.ts";

const Partner = z.object({ id: PartnerId, name: Name });

/**
 * @param env What `config.ts` names.
 * @returns With facts: the `url` it listens at, and the `port`.
 * @throws {SettingsError} Naming every bad setting.
 */
export async function serveGateway(env: Env, logger: Logger): Promise<Service> {
  const settings = readConfig(env);
  const bytes = new Uint8Array(readFileSync(settings.charterFile));
  const charter = parseCharter(bytes);
  if (!charter.ok) throw new Error(`${settings.charterFile} is ${charter.code}: ${charter.detail}`);
  const { id: self, name } = Partner.parse(JSON.parse(readFileSync(settings.partnerFile, "utf8")));
  const net = networkIdOf(bytes);
  await using cleanup = new AsyncDisposableStack();
  const bus = cleanup.use(await connectService(settings.bus, "gateway", logger));
  const owner = { net, self, charter: charter.value };
  const reads = cleanup.use(openReads({ dir: settings.viewsDir, bus, ...owner, logger }));
  const gateway = cleanup.use(
    await startGateway(settings.http, {
      bus,
      reads,
      node: {
        net,
        networkName: charter.value.name,
        partner: self,
        name,
        software: `handfast/${manifest.version}`,
      },
      state: stateOf(bus, reads),
      links: createFederationClient(bus),
      charter: bytes,
      logger,
    }),
  );
  const owned = cleanup.move();
  const { url, port } = gateway;
  return { facts: { url, port }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** How the parts of the node do, as far as they can be asked. */
export const stateOf = (bus: Bus, reads: Pick<Reads, "entries" | "quarantined">): NodeState => ({
  bus: () => bus.status,
  natsServer: () => {
    const version = bus.serverVersion;
    return { version, belowMinimum: version === null || isBelowMinimum(version) };
  },
  view: async () => {
    const following = await isFollowing(bus);
    const { entries, quarantined } = reads;
    return { entries, quarantined, isFollowing: following };
  },
});

async function isFollowing(bus: Bus): Promise<boolean> {
  try {
    const subject = subjects.service("partnership", "status");
    const { data } = await bus.request(subject, new Uint8Array(), { timeoutMs: limits.statusTimeoutMs });
    const status = decodeJson(PartnershipStatus, data);
    return status.ok && status.value.isFollowing;
  } catch {
    // It does not answer, so nothing new reaches the views.
    return false;
  }
}
