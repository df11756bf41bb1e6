/** The gateway's settings, read from the environment here and nowhere else, with every limit that a caller can meet. */
import { type BusSettings, busSettings, busSettingsOf } from "@handfast/service-kit/bus-settings";
import { AbsolutePath, type Env, parseSettings } from "@handfast/service-kit/settings";
import { z } from "zod";

const Variables = z.object({
  ...busSettings,
  /** The founding charter's canonical bytes. */
  HANDFAST_CHARTER_FILE: AbsolutePath,
  /** JSON that names the node's own partner: `{"id","name"}`. */
  HANDFAST_PARTNER_FILE: AbsolutePath,
  /** Holds `tokens.db`; made when absent. */
  HANDFAST_GATEWAY_DIR: AbsolutePath,
  /** Holds the read model that partnership writes. */
  HANDFAST_VIEWS_DIR: AbsolutePath,
  HANDFAST_HTTP_HOST: z.string().min(1).default("127.0.0.1"),
  /** 0 takes a free port. */
  HANDFAST_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Names beside loopback ones by which the node is reached, parted by commas. */
  HANDFAST_HTTP_NAMES: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((name) => name !== "")),
});

export type GatewaySettings = {
  readonly bus: BusSettings;
  readonly charterFile: string;
  readonly partnerFile: string;
  readonly viewsDir: string;
  readonly http: GatewayConfig;
};

/** @throws {SettingsError} Naming every bad variable at once, and no value. */
export function readConfig(env: Env): GatewaySettings {
  const read = parseSettings(Variables, env);
  return {
    bus: busSettingsOf(read),
    charterFile: read.HANDFAST_CHARTER_FILE,
    partnerFile: read.HANDFAST_PARTNER_FILE,
    viewsDir: read.HANDFAST_VIEWS_DIR,
    http: {
      dir: read.HANDFAST_GATEWAY_DIR,
      host: read.HANDFAST_HTTP_HOST,
      port: read.HANDFAST_HTTP_PORT,
      allowedHosts: read.HANDFAST_HTTP_NAMES,
    },
  };
}

export type GatewayConfig = {
  /** The gateway's own folder: `tokens.db`. */
  readonly dir: string;
  /** Default 127.0.0.1: anything else needs TLS in front, by a proxy. */
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** Names beside loopback ones by which this node is reached, without port. */
  readonly allowedHosts?: readonly string[];
  /** CIDR ranges of proxies whose `X-Forwarded-*` are believed. Default: nobody's. */
  readonly trustedProxies?: readonly string[];
  /** Requests of one token in a minute. Default 60,000. */
  readonly requestsPerMinute?: number;
  /** Unknown tokens from one address in a minute. Default 60. */
  readonly failuresPerMinute?: number;
  /** Event streams of one token at once. Default 8. */
  readonly streamsPerToken?: number;
};

export const limits = {
  bodyBytes: 65_536,
  headerBytes: 8_192,
  /** Without any traffic. Longer than any answer may take, so that nobody who waits for one is cut off. */
  connectionTimeoutMs: 25_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  keepAliveTimeoutMs: 5_000,
  requestsPerSocket: 1_000,
  connections: 1_024,
  /** A segment of a path. */
  paramLength: 100,
  /** Question to a service and back. */
  commandTimeoutMs: 15_000,
  /** Taking up an invitation: longer than the inviter may take. */
  acceptTimeoutMs: 17_000,
  /** How long the state of another service is waited for. */
  statusTimeoutMs: 1_000,
  /** One answer of the ledger for a bundle. */
  bundleTimeoutMs: 30_000,
  streams: 256,
  /** Of one event stream: waiting in memory for a client that reads slowly. */
  streamBufferBytes: 262_144,
  /** How long such a client may not read at all. */
  streamStallMs: 30_000,
  heartbeatMs: 15_000,
} as const;
