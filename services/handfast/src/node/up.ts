/** `handfast up`: runs the node until it is told to stop, says where it is, and takes up an invitation that waits. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { exitCodes } from "@handfast/api/exit-codes";
import type { Logger } from "@handfast/bus/logger";
import { createLogger } from "@handfast/service-kit/logger";
import type { Output } from "../cli/output.ts";
import type { DataFolder } from "./data-folder.ts";
import { type Node, startNode } from "./node.ts";
import { readSettings } from "./settings.ts";

export type UpFlags = {
  readonly httpHost?: string;
  readonly httpPort?: string;
  readonly natsPort?: string;
  readonly logLevel?: string;
  readonly stopWithStdin?: boolean;
};

/** How long stopping may take before the process ends anyway: something was still held, which is a bug to be found. */
const graceMs = 15_000;

/** @returns The exit code, once the node has stopped. */
export async function upCommand(
  folder: DataFolder,
  flags: UpFlags,
  env: Readonly<Record<string, string | undefined>>,
  output: Output,
): Promise<number> {
  const { stopWithStdin, ...chosen } = flags;
  const { settings } = readSettings(folder, chosen, env);
  const logger = createLogger("handfast", settings.logLevel);
  const stop = stopSignal(stopWithStdin === true);
  let code: number = exitCodes.done;
  {
    await using node = await startNode(folder, settings, logger);
    writeFileSync(folder.running, JSON.stringify({ url: node.url, pid: process.pid }), { mode: 0o600 });
    output.result(
      { url: node.url, docs: `${node.url}/docs`, name: node.name, network: node.network, pid: process.pid },
      () => told(node),
    );
    const joining = takeUpInvitation(folder, node, { stop, output, logger });
    const fatal = await Promise.race([stop.wished.then(() => null), node.fatal]);
    if (fatal !== null) {
      output.say(`handfast: ${fatal.message}${fatal.hint === undefined ? "" : `\n  try: ${fatal.hint}`}`);
      code = exitCodes.fatal;
    }
    stop.now();
    setTimeout(() => process.exit(exitCodes.fatal), graceMs).unref();
    await joining;
    rmSync(folder.running, { force: true });
  }
  return code;
}

function told(node: Node): string {
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
  node: Node,
  { stop, output, logger }: { readonly stop: Stop; readonly output: Output; readonly logger: Logger },
): Promise<void> {
  if (!existsSync(folder.pendingInvitation)) return;
  const invitation = readFileSync(folder.pendingInvitation, "utf8");
  for (let waitMs = firstWaitMs; !stop.signal.aborted; waitMs = Math.min(2 * waitMs, lastWaitMs)) {
    const taken = await node.federation.acceptInvitation(invitation);
    if (taken.ok || taken.code !== "inviter-unreachable") {
      if (taken.ok) logger.info({ event: "invitation.accepted", peer: taken.peer });
      else {
        logger.warn({ event: "invitation.refused", code: taken.code, detail: taken.detail });
        output.say(
          `handfast: the invitation was refused (${taken.code})\n  try: ask for a new one, then: handfast join <invitation>`,
        );
      }
      rmSync(folder.pendingInvitation, { force: true });
      return;
    }
    // The inviter may come up later.
    logger.info({ event: "invitation.waits", waitMs, detail: taken.detail });
    await delay(waitMs, undefined, { signal: stop.signal }).catch(() => {});
  }
}
