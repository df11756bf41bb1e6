/** CPU time spent so far, in milliseconds: on a machine that others share it says more than the clock does. */
import { readFileSync } from "node:fs";

/** Of this process, all its threads. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** `getconf CLK_TCK`: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Of another process. NaN where the system does not tell by `/proc`. */
export function cpuMsOf(pid: number): number {
  try {
    // The program's name, which may hold anything, ends with the last parenthesis; user and system time are fields 14 and 15.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
  } catch {
    return Number.NaN;
  }
}
