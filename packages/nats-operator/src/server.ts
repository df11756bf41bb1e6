/**
 * Runs one nats-server for one node: writes its configuration, starts it, waits until it talks, stops it.
 *
 * The server has one listener. The node's own services use the same TLS port as partners do, so there is
 * no second entrance to forget. It lives in a session of its own: Ctrl-C reaches the node, which drains first.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { signNodeJwts } from "./accounts.ts";
import type { CertifiedKey } from "./certificates.ts";
import { serverConfiguration, serverFiles } from "./configuration.ts";
import { NatsOperatorError } from "./fault.ts";
import { claimFolder, endLeftovers } from "./folder-claim.ts";
import type { OperatorIdentity } from "./identity.ts";
import { isPortFree, readGreeting } from "./listener.ts";
import { findNatsServer, isBelowMinimum } from "./version.ts";

/** Structured log lines; pino's logger is one. */
export interface Logger {
  info(fields: LogFields): void;
  warn(fields: LogFields): void;
}
type LogFields = { readonly event: string; readonly [field: string]: unknown };

export type NatsServerOptions = {
  /** The server's own folder: configuration, accounts, log, pid. Made with mode 0700 when absent. */
  readonly dir: string;
  readonly identity: OperatorIdentity;
  /** Without it, loopback only. `caPem` is handed back, for clients to pin. */
  readonly tls?: { readonly caPem: string; readonly server: CertifiedKey };
  /** Address to listen on: an IP address. Default 127.0.0.1. */
  readonly host?: string;
  /** 0, the default, takes a free port. Peers know a node by its port, so a real node fixes one. */
  readonly port?: number;
  /** Default: the first in PATH, then /usr/sbin. */
  readonly natsServerPath?: string;
  readonly logger?: Logger;
  /** How long the server may take to talk. Default 10 s. */
  readonly startTimeoutMs?: number;
};

export type NatsServerExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A running nats-server. Disposing it resolves when the process is gone. */
export interface NatsServer extends AsyncDisposable {
  /** For this node's own clients: `tls://127.0.0.1:<port>` (`nats://` without TLS). */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** From the server's INFO. */
  readonly version: string;
  /** True when this version may not face strangers; the node says so. */
  readonly belowMinimum: boolean;
  readonly caPem: string | null;
  /** Resolves when the process has ended, by itself or by us. Then the folder is free for another start. */
  readonly exited: Promise<NatsServerExit>;
  /** SIGKILL: for a server that stands still. */
  kill(): void;
}

/** Between looks at a server that is starting. */
const pollMs = 5;
/** SIGTERM, then this long, then SIGKILL. */
const stopGraceMs = 5_000;

/**
 * Starts a nats-server in operator mode and resolves when it accepts clients.
 *
 * A server that a killed node left running on this folder is ended first.
 *
 * @throws {NatsOperatorError} `port-in-use`, `already-running`, `nats-server-not-found`,
 * `nats-server-too-old` or `tls-required` (both only beyond loopback), `nats-server-failed`.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const { identity, tls, host = "127.0.0.1", port = 0, logger } = options;
  if (!isLoopback(host) && tls === undefined) {
    throw new NatsOperatorError("tls-required", `a nats-server on ${host} needs TLS`);
  }
  // PATH is how a program is found, not a setting of ours.
  const binary = findNatsServer(options.natsServerPath, process.env["PATH"]);
  const dir = resolve(options.dir);
  const files = serverFiles(dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });

  using cleanup = new DisposableStack();
  cleanup.use(claimFolder(dir));
  // Exactly these, last and in this order: a process that ends so is a server of ours on this folder.
  const lastArguments = ["-c", files.configuration, "-P", files.pid];
  const leftovers = await endLeftovers(lastArguments);
  if (leftovers > 0) logger?.warn({ event: "nats-server.leftover-ended", leftovers, dir });
  if (port !== 0 && !(await isPortFree(host, port))) throw portInUse(host, port);

  const jwts = await signNodeJwts(identity);
  rmSync(files.ports, { recursive: true, force: true });
  mkdirSync(files.ports);
  mkdirSync(files.accounts, { recursive: true });
  if (tls !== undefined) {
    writeSecret(files.certificate, tls.server.certificatePem);
    writeSecret(files.key, tls.server.keyPem);
  }
  writeSecret(
    files.configuration,
    serverConfiguration({ dir, identity, jwts, host, port, isTls: tls !== undefined }),
  );

  const child = spawn(binary, lastArguments, { detached: true, stdio: "ignore", env: {}, cwd: dir });
  const exited = childExit(child);
  let isStopping = false;
  const stop = () => {
    isStopping = true;
    return stopChild(child, exited);
  };
  try {
    const greeting = await greetingOf(child, exited, options, files.ports);
    const belowMinimum = isBelowMinimum(greeting.version);
    if (belowMinimum && !isLoopback(host)) {
      const message = `nats-server ${greeting.version} has known holes and may listen on loopback only`;
      throw new NatsOperatorError("nats-server-too-old", message);
    }
    const pid = child.pid as number;
    logger?.info({
      event: "nats-server.started",
      pid,
      port: greeting.port,
      version: greeting.version,
      belowMinimum,
    });
    const folder = cleanup.move();
    const freed = exited.then((exit) => {
      folder.dispose();
      if (isStopping) logger?.info({ event: "nats-server.stopped", pid });
      else logger?.warn({ event: "nats-server.died", pid, ...exit });
      return exit;
    });
    return {
      url: `${tls === undefined ? "nats" : "tls"}://${dialHost(host)}:${greeting.port}`,
      port: greeting.port,
      pid,
      version: greeting.version,
      belowMinimum,
      caPem: tls?.caPem ?? null,
      exited: freed,
      kill: () => {
        isStopping = true;
        child.kill("SIGKILL");
      },
      [Symbol.asyncDispose]: async () => {
        await stop();
        await freed;
      },
    };
  } catch (err) {
    await stop();
    // Between our look and the server's own attempt somebody may have taken the port.
    if (port !== 0 && !(await isPortFree(host, port))) throw portInUse(host, port, err);
    throw err;
  }
}

/** Waits for the port the server wrote down, then for its first words there. */
async function greetingOf(
  child: ChildProcess,
  exited: Promise<NatsServerExit>,
  options: NatsServerOptions,
  portsDir: string,
): Promise<{ readonly port: number; readonly version: string }> {
  const host = options.host ?? "127.0.0.1";
  const deadline = performance.now() + (options.startTimeoutMs ?? 10_000);
  let ended: NatsServerExit | null = null;
  void exited.then((exit) => {
    ended = exit;
  });
  while (performance.now() < deadline && ended === null) {
    const port = await readPort(portsDir, child.pid);
    const version = port === null ? null : await readGreeting(dialHost(host), port);
    if (port !== null && version !== null) return { port, version };
    await delay(pollMs);
  }
  const log = serverFiles(resolve(options.dir)).log;
  const what = ended === null ? "does not answer" : "ended at once";
  throw new NatsOperatorError("nats-server-failed", `nats-server ${what}; its log is ${log}`, {
    retry: "later",
  });
}

/** The server names the file after its own program and pid. Null while it is absent or being written. */
async function readPort(portsDir: string, pid: number | undefined): Promise<number | null> {
  const file = (await readdir(portsDir)).find((name) => name.endsWith(`_${pid}.ports`));
  const text = file === undefined ? "" : await readFile(join(portsDir, file), "utf8");
  const found = /"nats"\s*:\s*\[\s*"[^"]*:(\d{1,5})"/.exec(text);
  return found === null ? null : Number(found[1]);
}

async function childExit(child: ChildProcess): Promise<NatsServerExit> {
  // When this process ends without disposing, by a bug or by process.exit, the server goes too.
  const end = () => child.kill("SIGTERM");
  process.once("exit", end);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return { code, signal };
  } catch {
    // "error": it could not be spawned at all; the caller sees that it ended without a greeting.
    return { code: null, signal: null };
  } finally {
    process.off("exit", end);
  }
}

async function stopChild(child: ChildProcess, exited: Promise<NatsServerExit>): Promise<void> {
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), stopGraceMs);
  await exited;
  clearTimeout(force);
}

function writeSecret(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  // `mode` counts only for a new file; one from a backup may be open to all.
  chmodSync(file, 0o600);
}

function portInUse(host: string, port: number, cause?: unknown): NatsOperatorError {
  return new NatsOperatorError("port-in-use", `port ${port} on ${host} is taken by another program`, {
    cause,
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Where a client of this machine reaches a server that listens on `host`. */
function dialHost(host: string): string {
  if (host === "0.0.0.0" || host === "localhost") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIP(host) === 6 ? `[${host}]` : host;
}
