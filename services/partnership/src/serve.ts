/** The service on its own: opens its connection to the bus and its views, and serves until it is disposed. */
import { mkdirSync, readFileSync } from "node:fs";
import type { Logger } from "@handfast/bus/logger";
import { networkIdOf, parseCharter } from "@handfast/protocol/charter";
import { connectService } from "@handfast/service-kit/bus-settings";
import { createLedgerClient } from "@handfast/service-kit/ledger-client";
import type { OnProgress, Service } from "@handfast/service-kit/run";
import type { Env } from "@handfast/service-kit/settings";
import { openViews } from "@handfast/views/views";
import { readConfig } from "./config.ts";
import { startPartnership } from "./service.ts";

/**
 * @param env What `config.ts` names.
 * @throws {SettingsError} Naming every bad setting.
 */
export async function servePartnership(
  env: Env,
  logger: Logger,
  onProgress: OnProgress = () => {},
): Promise<Service> {
  const settings = readConfig(env);
  const bytes = new Uint8Array(readFileSync(settings.charterFile));
  const charter = parseCharter(bytes);
  if (!charter.ok) throw new Error(`${settings.charterFile} is ${charter.code}: ${charter.detail}`);
  mkdirSync(settings.viewsDir, { recursive: true, mode: 0o700 });
  await using cleanup = new AsyncDisposableStack();
  const bus = cleanup.use(await connectService(settings.bus, "partnership", logger));
  const ledger = createLedgerClient(bus);
  const { partner: self } = await ledger.status();
  const net = networkIdOf(bytes);
  const dir = settings.viewsDir;
  const views = cleanup.use(
    await openViews({
      dir,
      bus,
      ledger,
      net,
      charter: charter.value,
      self,
      logger,
      onProgress: (text) => onProgress(`building the read model: ${text}`),
    }),
  );
  cleanup.use(await startPartnership({ bus, views, version: "1.0.0", logger }));
  const owned = cleanup.move();
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
