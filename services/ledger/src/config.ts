/** Settings of the ledger, from the environment: the only place in this service that looks at it. */
import { type BusSettings, busSettings, busSettingsOf } from "@handfast/service-kit/bus-settings";
import { AbsolutePath, type Env, parseSettings } from "@handfast/service-kit/settings";
import { z } from "zod";

const Variables = z.object({
  ...busSettings,
  /** The node's data folder: the stores and `keys/`. */
  HANDFAST_DATA: AbsolutePath,
  /** A folder of this host, outside the data folder: how far its logs were signed. */
  HANDFAST_STATE_DIR: AbsolutePath,
  /** The founding charter's canonical bytes. */
  HANDFAST_CHARTER_FILE: AbsolutePath,
});

export type LedgerSettings = {
  readonly bus: BusSettings;
  readonly dir: string;
  readonly stateDir: string;
  readonly charterFile: string;
};

/** @throws {SettingsError} Naming every bad variable at once, and no value. */
export function readConfig(env: Env): LedgerSettings {
  const read = parseSettings(Variables, env);
  return {
    bus: busSettingsOf(read),
    dir: read.HANDFAST_DATA,
    stateDir: read.HANDFAST_STATE_DIR,
    charterFile: read.HANDFAST_CHARTER_FILE,
  };
}
