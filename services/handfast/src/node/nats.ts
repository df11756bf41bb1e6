/**
 * The node's own nats-server and its connections: HOME for its services, the system account for links' claims. The server
 * is configured anew at every start from the keys in the data folder; nothing in its own folder is worth a backup.
 */
import { readFileSync } from "node:fs";
import { exitCodes } from "@handfast/api/exit-codes";
import type { Bus } from "@handfast/bus/bus";
import { openBus } from "@handfast/bus/connect";
import type { Logger } from "@handfast/bus/logger";
import { createServerCertificate, parseCertifiedKey } from "@handfast/nats-operator/certificates";
import type { ClaimsPort } from "@handfast/nats-operator/claims";
import { createHomeCredentials, createSystemCredentials } from "@handfast/nats-operator/credentials";
import { NatsOperatorError } from "@handfast/nats-operator/fault";
import { type OperatorIdentity, parseOperatorIdentity } from "@handfast/nats-operator/identity";
import { type KeptNatsServer, keepNatsServer } from "@handfast/nats-operator/keep-server";
import { type DataFolder, readSecret } from "./data-folder.ts";
import { NodeError } from "./fault.ts";
import type { Settings } from "./settings.ts";

export interface NodeNats extends AsyncDisposable {
  readonly server: KeptNatsServer;
  readonly identity: OperatorIdentity;
  readonly caPem: string;
  /** Account HOME. */
  readonly home: Bus;
  /** The system account, for links' account claims. */
  readonly claims: ClaimsPort;
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
  const identity = parseOperatorIdentity(JSON.parse(readSecret(folder.natsIdentity)));
  const caPem = readFileSync(folder.authority, "utf8");
  const authority = parseCertifiedKey(caPem, readSecret(folder.authorityKey));
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
  const server = cleanup.use(await keepNatsServer(options).catch(asNodeError));
  const servers = [server.current.url];
  const home = cleanup.use(
    await openBus({
      servers,
      caPem,
      name: "home",
      logger,
      credentials: await createHomeCredentials(identity, "node"),
    }),
  );
  const system = cleanup.use(
    await openBus({
      servers,
      caPem,
      name: "system",
      logger,
      credentials: await createSystemCredentials(identity, "node"),
    }),
  );
  const claims: ClaimsPort = {
    request: async (subject, bytes, timeoutMs) => (await system.request(subject, bytes, { timeoutMs })).data,
  };
  const owned = cleanup.move();
  return {
    server,
    identity,
    caPem,
    home,
    claims,
    endpoints:
      settings.natsAdvertise.length > 0 ? settings.natsAdvertise : [`tls://localhost:${server.current.port}`],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function asNodeError(cause: unknown): never {
  if (!(cause instanceof NatsOperatorError)) throw cause;
  const hints: Partial<Record<NatsOperatorError["code"], string>> = {
    "nats-server-not-found":
      "install nats-server (apt-get install nats-server), or name it with HANDFAST_NATS_SERVER_PATH",
    "nats-server-too-old": "listen on 127.0.0.1, or install a current nats-server",
    "port-in-use": "choose another port: natsPort in handfast.yaml, or HANDFAST_NATS_PORT",
    "already-running": "this data folder's node is up already: `handfast status`",
  };
  const hint = hints[cause.code];
  const exitCode = cause.code === "already-running" ? exitCodes.locked : exitCodes.fault;
  throw new NodeError(cause.code, cause.message, {
    cause,
    exitCode,
    ...(hint === undefined ? {} : { hint }),
  });
}
