/**
 * Facts about processes of this machine: when one began, what it was called with, how to end it.
 *
 * A process id alone proves nothing: ids are used again. Id and start together name one process.
 * Reads `/proc` where there is one, and asks `ps` elsewhere.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const hasProc = existsSync("/proc/self/stat");

/** A word that differs between any two processes that had one id; null when no process has this id. */
export function startMark(pid: number): string | null {
  if (!hasProc) return ps(["-o", "lstart=", "-p", String(pid)]).trim() || null;
  // The command in parentheses may hold anything, spaces too: fields are counted from the last one.
  const fields = readProc(pid, "stat")?.split(") ").at(-1)?.split(" ");
  const [state, startTicks] = [fields?.[0], fields?.[19]];
  // A zombie has ended; nobody has read its exit code yet.
  return state === undefined || state === "Z" || startTicks === undefined
    ? null
    : `${bootId()}:${startTicks}`;
}

/** Processes whose last arguments are exactly these. */
export function processesCalledWith(lastArguments: readonly string[]): readonly number[] {
  if (hasProc) {
    const end = `\0${lastArguments.join("\0")}\0`;
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.map(Number).filter((pid) => readProc(pid, "cmdline")?.endsWith(end));
  }
  const lines = ps(["-axww", "-o", "pid=,command="]).split("\n");
  const found = lines.filter((line) => line.trimEnd().endsWith(` ${lastArguments.join(" ")}`));
  return found.map((line) => Number.parseInt(line, 10));
}

/**
 * Ends a process and resolves when it is gone: asks by SIGTERM, after `graceMs` forces by SIGKILL.
 *
 * Never signals another process that was given the same id meanwhile.
 *
 * @returns False when it is still there `graceMs` after SIGKILL.
 */
export async function endProcess(pid: number, graceMs: number): Promise<boolean> {
  const mark = startMark(pid);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (mark === null || startMark(pid) !== mark) return true;
    process.kill(pid, signal);
    const deadline = performance.now() + graceMs;
    while (performance.now() < deadline) {
      if (startMark(pid) !== mark) return true;
      await delay(5);
    }
  }
  return startMark(pid) !== mark;
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It ended while we looked, or belongs to somebody else: either way none of ours.
    return null;
  }
}

function ps(args: readonly string[]): string {
  try {
    return execFileSync("ps", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    // `ps` exits with 1 when no process fits.
    return "";
  }
}
