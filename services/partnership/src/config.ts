/** Settings of partnership, from the environment: the only place in this service that looks at it. */
import { type BusSettings, busSettings, busSettingsOf } from "@handfast/service-kit/bus-settings";
import { AbsolutePath, type Env, parseSettings } from "@handfast/service-kit/settings";
import { z } from "zod";

const Variables = z.object({
  ...busSettings,
  /** The founding charter's canonical bytes. */
  HANDFAST_CHARTER_FILE: AbsolutePath,
  /** Holds the read model, `views.db`; made when absent, and rebuilt from the ledger when it is lost. */
  HANDFAST_VIEWS_DIR: AbsolutePath,
});

export type PartnershipSettings = {
  readonly bus: BusSettings;
  readonly charterFile: string;
  readonly viewsDir: string;
};

/** @throws {SettingsError} Naming every bad variable at once, and no value. */
export function readConfig(env: Env): PartnershipSettings {
  const read = parseSettings(Variables, env);
  return {
    bus: busSettingsOf(read),
    charterFile: read.HANDFAST_CHARTER_FILE,
    viewsDir: read.HANDFAST_VIEWS_DIR,
  };
}
