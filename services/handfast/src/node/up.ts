/** `handfast up`: runs the node until it is told to stop, says where it is, and takes up an invitation that waits. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { exitCodes } from "@handfast/api/exit-codes";
import type { Logger } from "@handfast/bus/logger";
import { ProblemError } from "@handfast/client/client";
import { endAfter } from "@handfast/service-kit/grace";
import { createLogger } from "@handfast/service-kit/logger";
import { openNodeApi } from "../cli/node-api.ts";
import type { Output } from "../cli/output.ts";
import { commandIn, type DataFolder } from "./data-folder.ts";
import { type Node, startNode } from "./node.ts";
import { readSettings, stateDirOf } from "./settings.ts";

export type UpFlags = {
  readonly httpHost?: string;
  readonly httpPort?: string;
  readonly natsPort?: string;
  readonly logLevel?: string;
  readonly stateDir?: string;
  readonly stopWithStdin?: boolean;
  /** Each service as a process of its own. */
  readonly apart?: boolean;
};

/** How long stopping may take before the process ends anyway: something was still held, which is a bug to be found. */
const graceMs = 30_000;

/** @returns The exit code, once the node has stopped. */
export async function upCommand(
  folder: DataFolder,
  flags: UpFlags,
  env: Readonly<Record<string, string | undefined>>,
  output: Output,
): Promise<number> {
  const { stopWithStdin, apart, ...chosen } = flags;
  const read = readSettings(folder, chosen, env);
  const settings = { ...read.settings, stateDir: stateDirOf(read.settings, env) };
  const logger = createLogger("handfast", settings.logLevel);
  const stop = stopSignal(stopWithStdin === true);
  let code: number = exitCodes.done;
  let joining: Promise<void> = Promise.resolve();
  {
    await using node = await startNode(folder, settings, logger, apart === true, output.progress);
    const { url, name, network, pids } = node;
    writeFileSync(folder.running, JSON.stringify({ url, pid: process.pid }), { mode: 0o600 });
    output.result({ url, docs: `${url}/docs`, name, network, pid: process.pid, services: pids }, () =>
      upText(node),
    );
    joining = takeUpInvitation(folder, url, { stop, output, logger });
    const fatal = await Promise.race([stop.wished.then(() => null), node.fatal]);
    if (fatal !== null) {
      output.say(`handfast: ${fatal.message}${fatal.hint === undefined ? "" : `\n  try: ${fatal.hint}`}`);
      code = fatal.exitCode;
    }
    stop.now();
    endAfter(graceMs, exitCodes.fatal);
    rmSync(folder.running, { force: true });
  }
  await joining;
  return code;
}

function upText(node: Node): string {
  const { version, belowMinimum } = node.natsServer;
  return [
    `${node.name} is up in the network "${node.network}"`,
    `  API            ${node.url}`,
    `  documentation  ${node.url}/docs`,
    ...(belowMinimum
      ? [`  note           nats-server ${version} has known holes: it listens on this machine only`]
      : []),
    "Ctrl-C stops it.",
  ].join("\n");
}

type Stop = { readonly wished: Promise<void>; readonly signal: AbortSignal; now(): void };

/** Further signals are the same wish (a process group's members are told twice), and must not cut the stopping short. */
function stopSignal(withStdin: boolean): Stop {
  const stop = new AbortController();
  const now = () => stop.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, now);
  if (withStdin) {
    process.stdin.on("end", now).on("error", now).resume();
    process.stdin.unref?.();
  }
  return {
    signal: stop.signal,
    now,
    wished: new Promise((resolve) => stop.signal.addEventListener("abort", () => resolve(), { once: true })),
  };
}

const firstWaitMs = 200;
const lastWaitMs = 10_000;

/** The invitation that brought this node into its network: tried until the inviter answers, whatever it answers. */
async function takeUpInvitation(
  folder: DataFolder,
  url: string,
  { stop, output, logger }: { readonly stop: Stop; readonly output: Output; readonly logger: Logger },
): Promise<void> {
  if (!existsSync(folder.pendingInvitation)) return;
  const invitation = readFileSync(folder.pendingInvitation, "utf8");
  const api = await openNodeApi(folder, { url });
  for (let waitMs = firstWaitMs; !stop.signal.aborted; waitMs = Math.min(2 * waitMs, lastWaitMs)) {
    try {
      const { peer } = await api.acceptInvitation(invitation);
      logger.info({ event: "invitation.accepted", peer });
      rmSync(folder.pendingInvitation, { force: true });
      return;
    } catch (err) {
      if (err instanceof ProblemError && err.retry === "never") {
        const { detail = err.code } = err.problem;
        logger.warn({ event: "invitation.refused", detail });
        output.say(
          `handfast: the invitation was refused: ${detail}\n  try: ask for a new one, then: ${commandIn(folder, "join <invitation>")}`,
        );
        rmSync(folder.pendingInvitation, { force: true });
        return;
      }
      // The inviter may come up later.
      logger.info({ event: "invitation.waits", waitMs, err });
      await delay(waitMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  }
}
