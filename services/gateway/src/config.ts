/** The gateway's settings, with every limit that a caller can meet. */
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
  /** Without any traffic. Longer than the handler's time, so that nobody who waits for an answer is cut off. */
  connectionTimeoutMs: 25_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  handlerTimeoutMs: 20_000,
  /** Streams and downloads take as long as they take: the longest that a timer can wait. */
  streamTimeoutMs: 2_147_483_647,
  keepAliveTimeoutMs: 5_000,
  requestsPerSocket: 1_000,
  connections: 1_024,
  /** A segment of a path. */
  paramLength: 100,
  /** Question to a service and back. Shorter than the handler's time, so that the caller is told what is known. */
  commandTimeoutMs: 15_000,
  /** One answer of the ledger for a bundle. */
  bundleTimeoutMs: 30_000,
  streams: 256,
  /** Of one event stream: waiting in memory for a client that reads slowly. */
  streamBufferBytes: 262_144,
  /** How long such a client may not read at all. */
  streamStallMs: 30_000,
  heartbeatMs: 15_000,
} as const;
