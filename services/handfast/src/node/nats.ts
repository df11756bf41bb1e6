/**
 * The node's own nats-server, and who may use it: one user for each service, with no more rights than it needs. The server
 * is configured anew at every start from the keys in the data folder; nothing in its own folder is worth a backup.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "@handfast/api/exit-codes";
import type { Logger } from "@handfast/bus/logger";
import { createServerCertificate } from "@handfast/nats-operator/certificates";
import { createHomeCredentials } from "@handfast/nats-operator/credentials";
import { NatsOperatorError } from "@handfast/nats-operator/fault";
import type { OperatorIdentity } from "@handfast/nats-operator/identity";
import { type KeptNatsServer, keepNatsServer } from "@handfast/nats-operator/keep-server";
import { commandIn, type DataFolder, writeSecret } from "./data-folder.ts";
import { NodeError } from "./fault.ts";
import { readAuthority, readNatsIdentity } from "./node-files.ts";
import { rightsOf, type ServiceName, serviceNames } from "./services.ts";
import type { Settings } from "./settings.ts";

export interface NodeNats extends AsyncDisposable {
  readonly server: KeptNatsServer;
  /** What services of this node connect to. */
  readonly url: string;
  /** JSON with mode 0600, made anew at every start: one user a service, with no more rights than it needs. */
  readonly credentialsFiles: Readonly<Record<ServiceName, string>>;
  /** What partners dial, as invitations carry it. */
  readonly endpoints: readonly string[];
}

/** @throws {NodeError} What an operator can do something about: the server is missing, too old, or its port is taken. */
export async function startNats(
  folder: DataFolder,
  settings: Settings,
  logger: Logger,
  nowMs: number,
): Promise<NodeNats> {
  const identity = readNatsIdentity(folder);
  const authority = readAuthority(folder);
  const caPem = authority.certificatePem;
  const names = settings.natsAdvertise.map((endpoint) => new URL(endpoint).hostname);

  await using cleanup = new AsyncDisposableStack();
  const options = {
    dir: folder.nats,
    identity,
    tls: { caPem, server: await createServerCertificate(authority, names, nowMs) },
    host: settings.natsHost,
    port: settings.natsPort,
    logger,
    ...(settings.natsServerPath === undefined ? {} : { natsServerPath: settings.natsServerPath }),
  };
  const server = cleanup.use(await keepNatsServer(options).catch((err) => asNodeError(err, folder)));
  const credentialsFiles = await writeCredentials(folder, identity);
  const owned = cleanup.move();
  const { url, port } = server.current;
  return {
    server,
    url,
    credentialsFiles,
    endpoints: settings.natsAdvertise.length > 0 ? settings.natsAdvertise : [`tls://localhost:${port}`],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function writeCredentials(
  folder: DataFolder,
  identity: OperatorIdentity,
): Promise<NodeNats["credentialsFiles"]> {
  mkdirSync(folder.natsUsers, { recursive: true, mode: 0o700 });
  const written = serviceNames.map(async (name) => {
    const file = join(folder.natsUsers, `${name}.json`);
    rmSync(file, { force: true });
    writeSecret(file, JSON.stringify(await createHomeCredentials(identity, name, rightsOf(name))));
    return [name, file] as const;
  });
  return Object.fromEntries(await Promise.all(written)) as Record<ServiceName, string>;
}

function asNodeError(cause: unknown, folder: DataFolder): never {
  if (!(cause instanceof NatsOperatorError)) throw cause;
  const hints: Partial<Record<NatsOperatorError["code"], string>> = {
    "nats-server-not-found":
      "install nats-server (apt-get install nats-server), or name it with HANDFAST_NATS_SERVER_PATH",
    "nats-server-too-old": "listen on 127.0.0.1, or install a current nats-server",
    "port-in-use": `choose another: --nats-port, natsPort in ${folder.settings}, or HANDFAST_NATS_PORT`,
    "address-unusable": `choose another: natsHost or natsPort in ${folder.settings}, HANDFAST_NATS_HOST, or --nats-port`,
    "already-running": `this data folder's node is up already: ${commandIn(folder, "status")}`,
  };
  const hint = hints[cause.code];
  const exitCode = cause.code === "already-running" ? exitCodes.locked : exitCodes.fault;
  throw new NodeError(cause.code, cause.message, {
    cause,
    exitCode,
    ...(hint === undefined ? {} : { hint }),
  });
}
