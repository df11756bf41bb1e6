/** Settings of the federation service, from the environment: the only place in this service that looks at it. */
import { type BusSettings, busSettings, busSettingsOf } from "@handfast/service-kit/bus-settings";
import { AbsolutePath, type Env, parseSettings } from "@handfast/service-kit/settings";
import { z } from "zod";

const Variables = z.object({
  ...busSettings,
  /** The founding charter's canonical bytes. */
  HANDFAST_CHARTER_FILE: AbsolutePath,
  /** Holds `links.db`; made when absent. */
  HANDFAST_FEDERATION_DIR: AbsolutePath,
  /** The node's NATS operator and account keys, by which links and invitations are signed. No other service has them. */
  HANDFAST_NATS_OPERATOR_FILE: AbsolutePath,
  /** What partners dial, as invitations carry it: `tls://host:port`, several parted by commas. */
  HANDFAST_ENDPOINTS: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.url({ protocol: /^tls$/ })).min(1)),
  /** How often all links compare heads, in seconds; jittered. */
  HANDFAST_RECONCILE_SECONDS: z.coerce.number().int().min(1).max(3_600).default(300),
});

export type FederationSettings = {
  readonly bus: BusSettings;
  readonly charterFile: string;
  readonly dir: string;
  readonly operatorFile: string;
  readonly endpoints: readonly string[];
  readonly reconcileMs: number;
};

/** @throws {SettingsError} Naming every bad variable at once, and no value. */
export function readConfig(env: Env): FederationSettings {
  const read = parseSettings(Variables, env);
  return {
    bus: busSettingsOf(read),
    charterFile: read.HANDFAST_CHARTER_FILE,
    dir: read.HANDFAST_FEDERATION_DIR,
    operatorFile: read.HANDFAST_NATS_OPERATOR_FILE,
    endpoints: read.HANDFAST_ENDPOINTS,
    reconcileMs: read.HANDFAST_RECONCILE_SECONDS * 1_000,
  };
}
