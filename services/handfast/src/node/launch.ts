/**
 * Starts one service as a process of its own, as a thread of this one, or in this one's own thread, and tells the three apart to
 * nobody: each is given settings, says that it is up or why it is not, and ends when it is asked to.
 */
import { spawn } from "node:child_process";
import { Worker } from "node:worker_threads";
import { exitCodes } from "@handfast/api/exit-codes";
import { failureOf, type OnProgress, type Service } from "@handfast/service-kit/run";
import { ServiceReport, stopRequest } from "@handfast/service-kit/supervisor";
import { NodeError } from "./fault.ts";

const forms = ["inline", "thread", "process"] as const;
export type Form = (typeof forms)[number];

export type Launch = {
  readonly name: string;
  /** The service's `main.ts`, as a URL. */
  readonly main: string;
  /** The same without a process around it. */
  readonly serve: (env: Settings, onProgress: OnProgress) => Promise<Service>;
  /** All that it is given. */
  readonly env: Settings;
};
type Settings = Readonly<Record<string, string>>;
export type Facts = Readonly<Record<string, unknown>>;

export interface Running {
  readonly facts: Facts;
  /** Of a process of its own. */
  readonly pid: number | null;
  /** Resolves when it is gone, with the fault where there was one; it never rejects. */
  readonly ended: Promise<NodeError | null>;
  /** Asks it to stop and resolves when it is gone; one that does not go is ended. */
  stop(): Promise<void>;
}

/** Without a word of how far the start is: one that gets on may take as long as it needs. */
const startLimitMs = 120_000;
/** A service gives itself ten seconds to stop. */
const stopLimitMs = 12_000;

/** @throws {NodeError} What the service itself says when it cannot start. */
export const launch = (service: Launch, form: Form, onProgress: OnProgress = () => {}): Promise<Running> =>
  form === "inline"
    ? launchInline(service, onProgress)
    : launchApart(service, form === "thread" ? thread : process_, onProgress);

/** What is common to a process and a thread. */
type Apart = {
  readonly pid: number | null;
  send(message: string): void;
  kill(): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (code: number) => void): void;
};

async function launchApart(
  service: Launch,
  begin: (service: Launch) => Apart,
  onProgress: OnProgress,
): Promise<Running> {
  const { name } = service;
  const apart = begin(service);
  const up = Promise.withResolvers<Facts>();
  const gone = Promise.withResolvers<NodeError | null>();
  let isStopping = false;
  let failure: NodeError | null = null;

  apart.onMessage((message) => {
    const report = ServiceReport.safeParse(message);
    if (!report.success) return;
    if (report.data.state === "up") up.resolve(report.data.facts);
    else if (report.data.state === "starting") {
      late.refresh();
      onProgress(report.data.progress);
    } else failure = nodeErrorOf(report.data);
  });
  apart.onExit((code) => {
    const fault = failure ?? (isStopping && code === 0 ? null : endedWith(name, code));
    up.reject(fault ?? endedWith(name, code));
    gone.resolve(fault);
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    apart.send(stopRequest);
    const tooLong = setTimeout(() => apart.kill(), stopLimitMs);
    await gone.promise;
    clearTimeout(tooLong);
  };
  const late = setTimeout(() => {
    up.reject(
      new NodeError(
        "service-silent",
        `${name} did not start and said nothing within ${startLimitMs / 1_000} s`,
      ),
    );
    apart.kill();
  }, startLimitMs);
  try {
    const facts = await up.promise;
    return { facts, pid: apart.pid, ended: gone.promise, stop };
  } finally {
    clearTimeout(late);
  }
}

function process_({ main, env }: Launch): Apart {
  // In a process group of its own, so that Ctrl-C reaches it once, by us. When we are gone, however that came about, it sees the
  // channel close and stops.
  const child = spawn(process.execPath, [...process.execArgv, new URL(main).pathname], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    detached: true,
    env: { ...env },
  });
  return {
    pid: child.pid ?? null,
    // A child that has just died cannot be written to; its end is noticed anyway.
    send: (message) => child.connected && child.send(message, () => {}),
    kill: () => child.kill("SIGKILL"),
    onMessage: (listener) => child.on("message", listener),
    onExit: (listener) => {
      child.once("error", () => listener(exitCodes.fault));
      child.once("exit", (code, signal) => listener(code ?? (signal === null ? exitCodes.fault : 128)));
    },
  };
}

function thread({ name, main, env }: Launch): Apart {
  const worker = new Worker(new URL(main), { name, env: { ...env } });
  let thrown: Error | null = null;
  // Without a listener it would be thrown here.
  worker.on("error", (err) => {
    thrown = err as Error;
  });
  return {
    pid: null,
    send: (message) => worker.postMessage(message),
    kill: () => void worker.terminate(),
    onMessage: (listener) => {
      worker.on("message", listener);
      worker.once("exit", () => thrown !== null && listener(failureOf(thrown)));
    },
    onExit: (listener) => worker.once("exit", listener),
  };
}

async function launchInline({ serve, env }: Launch, onProgress: OnProgress): Promise<Running> {
  const service = await serve(env, onProgress).catch((err: unknown) => {
    throw nodeErrorOf(failureOf(err), err);
  });
  const gone = Promise.withResolvers<NodeError | null>();
  void service.fatal?.then((err) => gone.resolve(nodeErrorOf(failureOf(err), err)));
  return {
    facts: service.facts ?? {},
    pid: null,
    ended: gone.promise,
    stop: async () => {
      await service[Symbol.asyncDispose]();
      gone.resolve(null);
    },
  };
}

function nodeErrorOf(
  { code, message, hint, exitCode }: Extract<ServiceReport, { state: "failed" }>,
  cause?: unknown,
): NodeError {
  const known = Object.values(exitCodes).find((value) => value === exitCode) ?? exitCodes.fault;
  return new NodeError(code, message, {
    exitCode: known,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

const endedWith = (name: string, code: number): NodeError =>
  new NodeError("service-ended", `${name} ended with code ${code}`);
