/**
 * One partner's node of a demo: a real process of its own, with its own keys, data folder, nats-server and ports, that can be
 * killed and started again like any other.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { NodeApi } from "../cli/node-api.ts";
import { openNodeApi } from "../cli/node-api.ts";
import { keptCompiled } from "../compiled.ts";
import { type DataFolder, dataFolder } from "../node/data-folder.ts";
import { NodeError } from "../node/fault.ts";

export interface DemoNode extends AsyncDisposable {
  readonly name: string;
  readonly folder: DataFolder;
  /** Beside the data folder, so that nothing of a demo outlives it. */
  readonly stateDir: string;
  readonly natsPort: number;
  /** Of the run that is up. */
  readonly api: NodeApi;
  readonly url: string;
  readonly pid: number;
  /** Of the last run, once it has ended; null where a signal ended it. */
  readonly exitCode: number | null;
  start(): Promise<void>;
  /** SIGKILL, and nothing more: what a power cut leaves. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has stopped. */
  stop(): Promise<void>;
}

const mainFile = join(import.meta.dirname, "..", "main.ts");
const startLimitMs = 60_000;
const stopLimitMs = 20_000;

/**
 * A node whose data folder is made already; `start` runs it.
 *
 * @param isApart Each of its services as a process of its own.
 */
export function demoNode(name: string, dir: string, natsPort: number, isApart = false): DemoNode {
  const folder = dataFolder(dir);
  let exitCode: number | null = null;
  let running: { readonly child: ChildProcess; readonly url: string; readonly api: NodeApi } | null = null;

  const current = () => {
    if (running === null) throw new NodeError("not-running", `the node of ${name} is not running`);
    return running;
  };
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    const child = running?.child;
    running = null;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    const tooLong = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
    const [code] = await gone;
    exitCode = code as number | null;
    clearTimeout(tooLong);
  };

  return {
    name,
    folder,
    stateDir: stateDirOf(folder),
    natsPort,
    get api() {
      return current().api;
    },
    get url() {
      return current().url;
    },
    get pid() {
      return current().child.pid as number;
    },
    get exitCode() {
      return exitCode;
    },
    start: async () => {
      const { child, url } = await spawnNode(name, folder, isApart);
      running = { child, url, api: await openNodeApi(folder, { url }) };
    },
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    [Symbol.asyncDispose]: () => end("SIGTERM"),
  };
}

const stateDirOf = ({ dir }: DataFolder): string => `${dir}-state`;

/** Of this process's environment only where its programs are: what it says of ports or tokens is meant for one node. */
function surroundings(folder: DataFolder): Readonly<Record<string, string>> {
  const server = process.env["HANDFAST_NATS_SERVER_PATH"];
  return {
    ...keptCompiled,
    PATH: process.env["PATH"] ?? "",
    HOME: folder.dir,
    HANDFAST_STATE_DIR: stateDirOf(folder),
    ...(server === undefined ? {} : { HANDFAST_NATS_SERVER_PATH: server }),
  };
}

/** Resolves when the node says that it is up; its log goes to `node.log` in its folder. */
async function spawnNode(
  name: string,
  folder: DataFolder,
  isApart: boolean,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const log = openSync(join(folder.dir, "node.log"), "a", 0o600);
  const args = [mainFile, "--data", folder.dir, "--json", "up", "--log-level", "warn", "--stop-with-stdin"];
  if (isApart) args.push("--apart");
  // Its standard input is ours to hold: when this process ends, however it ends, the node sees it close and stops.
  // In a process group of its own, so that Ctrl-C reaches it once, by us.
  const child = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", log],
    detached: true,
    env: surroundings(folder),
  });
  closeSync(log);
  // A node that is killed leaves a broken pipe behind; that is all there is to say.
  child.stdin?.on("error", () => {});
  const limit = AbortSignal.timeout(startLimitMs);
  const exited = once(child, "exit").then(([code]) => {
    throw new NodeError(
      "node-ended",
      `the node of ${name} ended with code ${String(code)} before it was up`,
      { hint: `its log is ${join(folder.dir, "node.log")}` },
    );
  });
  const ready = (async () => {
    for await (const line of createInterface({
      input: child.stdout as NodeJS.ReadableStream,
      signal: limit,
    })) {
      const said = JSON.parse(line) as {
        readonly url?: string;
        readonly error?: { readonly message: string; readonly hint?: string };
      };
      if (said.error !== undefined)
        throw new NodeError(
          "node-failed",
          `${name}: ${said.error.message}`,
          said.error.hint === undefined ? {} : { hint: said.error.hint },
        );
      if (said.url !== undefined) return said.url;
    }
    throw new NodeError("node-silent", `the node of ${name} did not come up within ${startLimitMs} ms`, {
      hint: `its log is ${join(folder.dir, "node.log")}`,
    });
  })();
  exited.catch(() => {});
  try {
    const url = await Promise.race([ready, exited]);
    child.stdout?.resume();
    return { child, url };
  } catch (err) {
    child.kill("SIGKILL");
    throw err;
  }
}
