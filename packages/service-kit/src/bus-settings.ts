/**
 * How a service reaches the bus of its node: settings that every service takes, and the connection they describe. Credentials
 * are a file with mode 0600, never a value.
 */
import { readFileSync, statSync } from "node:fs";
import type { Bus } from "@handfast/bus/bus";
import { openBus } from "@handfast/bus/connect";
import type { Logger } from "@handfast/bus/logger";
import { z } from "zod";
import { AbsolutePath, SettingsError } from "./settings.ts";

/** Members of a service's settings. */
export const busSettings = {
  /** `tls://host:port` of the node's own nats-server. */
  HANDFAST_NATS_URL: z.string().regex(/^(tls|nats):\/\/[^\s/]+:\d{1,5}$/),
  /** The authority that the server's certificate must lead to. */
  HANDFAST_NATS_CA_FILE: AbsolutePath,
  /** JSON: `{"jwt","seed"}` of the service's own user. */
  HANDFAST_NATS_CREDENTIALS_FILE: AbsolutePath,
} as const;

export type BusSettings = {
  readonly url: string;
  readonly caFile: string;
  readonly credentialsFile: string;
};

export const busSettingsOf = (env: {
  readonly HANDFAST_NATS_URL: string;
  readonly HANDFAST_NATS_CA_FILE: string;
  readonly HANDFAST_NATS_CREDENTIALS_FILE: string;
}): BusSettings => ({
  url: env.HANDFAST_NATS_URL,
  caFile: env.HANDFAST_NATS_CA_FILE,
  credentialsFile: env.HANDFAST_NATS_CREDENTIALS_FILE,
});

const Credentials = z.strictObject({ jwt: z.string(), seed: z.string() });

/**
 * Connects as one service of the node.
 *
 * @param name Shown in the server's list of connections; replies arrive under `_INBOX.<name>`, which is all that the user may read.
 * @throws {SettingsError} When the credentials cannot be used.
 * @throws {BusError} When the server cannot be reached or refuses the login.
 */
export function connectService(
  { url, caFile, credentialsFile }: BusSettings,
  name: string,
  logger?: Logger,
): Promise<Bus> {
  return openBus({
    servers: [url],
    caPem: readFileSync(caFile, "utf8"),
    credentials: readCredentials(credentialsFile),
    name,
    inboxPrefix: inboxPrefixOf(name),
    ...(logger === undefined ? {} : { logger }),
  });
}

/** Where the replies to one service arrive. */
export const inboxPrefixOf = (service: string): string => `_INBOX.${service}`;

function readCredentials(file: string): { readonly jwt: string; readonly seed: string } {
  if ((statSync(file).mode & 0o077) !== 0) throw new SettingsError(`${file} can be read by others`);
  const read = Credentials.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!read.success) throw new SettingsError(`${file} does not hold NATS credentials`);
  return read.data;
}
