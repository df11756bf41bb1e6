/** What processes have taken. CPU time, in milliseconds, says more than the clock does on a machine that others share. */
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

/** Resident memory of another process, in megabytes. NaN where the system does not tell by `/proc`. */
export function memoryMbOf(pid: number): number {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Math.round((Number(kib) * 1_024) / 1e6);
  } catch {
    return Number.NaN;
  }
}
