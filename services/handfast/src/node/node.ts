/**
 * One node: the nats-server first, then its services in their order, the gateway last, so that nobody is let in before
 * everything stands. They run in this process, or each in one of its own, and are started again when they die.
 */
import { existsSync } from "node:fs";
import { exitCodes } from "@handfast/api/exit-codes";
import { NatsOperatorError } from "@handfast/nats-operator/fault";
import { isPortFree } from "@handfast/nats-operator/listener";
import type { Logger } from "@handfast/service-kit/logger";
import type { OnProgress } from "@handfast/service-kit/run";
import { assertLogKeySecret, assertNode, commandIn, type DataFolder } from "./data-folder.ts";
import { NodeError, usage } from "./fault.ts";
import { readPartner } from "./init.ts";
import { type KeptService, keepService } from "./keep-service.ts";
import { startNats } from "./nats.ts";
import { assertLogKey, readCharter } from "./node-files.ts";
import { runningPid } from "./running.ts";
import { launchOf, type NodeSettings, type ServiceName, serviceNames, services } from "./services.ts";
import type { Settings, WholeSettings } from "./settings.ts";

export interface Node extends AsyncDisposable {
  /** Of the HTTP API. */
  readonly url: string;
  readonly name: string;
  readonly network: string;
  /** Of services that are processes of their own. */
  readonly pids: Readonly<Partial<Record<ServiceName, number>>>;
  /** Old enough that it may listen on loopback only. */
  readonly natsServer: { readonly version: string; readonly belowMinimum: boolean };
  /** Resolves when a service must not go on, with why: the process must end. */
  readonly fatal: Promise<NodeError>;
}

/**
 * @param isApart Each service as a process of its own.
 * @param onProgress Told how far a long start is, in words.
 */
export async function startNode(
  folder: DataFolder,
  settings: WholeSettings,
  logger: Logger,
  isApart = false,
  onProgress: OnProgress = () => {},
): Promise<Node> {
  assertNode(folder);
  assertLogKeySecret(folder);
  assertLogKey(folder);
  if (!existsSync(folder.charter))
    throw usage("this node belongs to no network yet", commandIn(folder, "join <invitation>"));
  const partner = readPartner(folder);
  const charter = readCharter(folder);
  await assertPortFree(folder, settings);

  await using cleanup = new AsyncDisposableStack();
  const nats = cleanup.use(await startNats(folder, settings, logger, Date.now()));
  const node: NodeSettings = { folder, settings, nats };
  const kept: KeptService[] = [];
  for (const name of serviceNames) {
    const service = await keepService(launchOf(name, node, logger), {
      form: isApart ? "process" : services[name].together,
      logger,
      again: (first) => launchOf(name, node, logger, first),
      onProgress,
    });
    kept.push(cleanup.use(service));
  }
  // First when it stops: the services would each wait for a nats-server that stands still.
  cleanup.defer(() => nats.server.endIfSilent());
  const owned = cleanup.move();
  return {
    url: String(kept.at(-1)?.facts["url"]),
    name: partner.name,
    network: charter.name,
    get pids() {
      return Object.fromEntries(kept.flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid]])));
    },
    natsServer: nats.server.current,
    fatal: Promise.race(kept.map(({ fatal }) => fatal)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Said before anything is opened: the gateway, which would find out, starts last. */
async function assertPortFree(folder: DataFolder, { httpHost, httpPort }: Settings): Promise<void> {
  const isFree = await isPortFree(httpHost, httpPort).catch((cause: unknown) => {
    if (!(cause instanceof NatsOperatorError)) throw cause;
    throw new NodeError(cause.code, cause.message, {
      cause,
      hint: `choose another: --http-host and --http-port, httpHost and httpPort in ${folder.settings}, or HANDFAST_HTTP_HOST and HANDFAST_HTTP_PORT`,
    });
  });
  if (isFree) return;
  const pid = runningPid(folder);
  if (pid !== null)
    throw new NodeError("already-running", `this node is up already, as process ${pid}`, {
      exitCode: exitCodes.locked,
      hint: commandIn(folder, "status"),
    });
  throw new NodeError("port-in-use", `port ${httpPort} on ${httpHost} is taken by another program`, {
    hint: `choose another: --http-port, httpPort in ${folder.settings}, or HANDFAST_HTTP_PORT`,
  });
}
