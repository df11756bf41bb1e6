/** Another program that serves HTTP: it tells its URL as a line of JSON, and stops when its standard input ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cpuMsOf } from "./cpu-time.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** CPU time that its process has spent, in milliseconds. */
  readonly cpuMs: () => number;
}

/** A read model of a million entries is built in it. */
const startLimitMs = 600_000;

export const thisCheckout = join(import.meta.dirname, "..", "..");

/** The command line of a release. */
export const handfastMain = (checkout = thisCheckout): string =>
  join(checkout, "services", "handfast", "src", "main.ts");

/** Runs a file under the Node that runs this. */
export async function startServerProcess(file: string, ...args: readonly string[]): Promise<ServerProcess> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  const tooLong = setTimeout(() => child.kill(), startLimitMs);
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { readonly url?: string };
    if (url === undefined) continue;
    clearTimeout(tooLong);
    child.stdout.resume();
    const pid = child.pid ?? 0;
    return { url, pid, cpuMs: () => cpuMsOf(pid), [Symbol.asyncDispose]: stop };
  }
  clearTimeout(tooLong);
  throw new Error(`${file} ended, or took more than ${startLimitMs} ms, before it said where it is`);
}
