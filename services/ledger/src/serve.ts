/** The ledger on its own: opens its connection to the bus and serves until it is disposed, or must not go on. */
import { readFileSync } from "node:fs";
import type { Logger } from "@handfast/bus/logger";
import { connectService } from "@handfast/service-kit/bus-settings";
import type { OnProgress, Service } from "@handfast/service-kit/run";
import type { Env } from "@handfast/service-kit/settings";
import { readConfig } from "./config.ts";
import { startLedger } from "./service.ts";

/**
 * @param env What `config.ts` names.
 * @throws {SettingsError} Naming every bad setting.
 * @throws {LedgerError} When the folder is locked, or what is stored is not what was signed.
 */
export async function serveLedger(
  env: Env,
  logger: Logger,
  onProgress: OnProgress = () => {},
): Promise<Service> {
  const { bus: busSettings, charterFile, ...config } = readConfig(env);
  await using cleanup = new AsyncDisposableStack();
  const bus = cleanup.use(await connectService(busSettings, "ledger", logger));
  const charter = new Uint8Array(readFileSync(charterFile));
  const ledger = cleanup.use(await startLedger({ ...config, charter }, { bus, logger, onProgress }));
  const owned = cleanup.move();
  return { fatal: ledger.fatal, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
