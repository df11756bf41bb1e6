/**
 * One nats-server a folder. A node claims the folder before it starts a server there.
 *
 * A node that was killed leaves its claim, and its server running. The next start sees that the claimant
 * is gone, ends that server, which is known by its exact arguments, and goes on. A claimant that lives is
 * never disturbed: then this start is the one too many.
 */
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { NatsOperatorError } from "./fault.ts";
import { endProcess, processesCalledWith, startMark } from "./processes.ts";

const Claim = z.strictObject({ pid: z.int().positive(), startMark: z.string() });

/** Time for SIGTERM, and again for SIGKILL. */
const graceMs = 3_000;

/**
 * Claims a folder for this process. The answer gives it back.
 *
 * @throws {NatsOperatorError} `already-running` while a living process, this one included, holds it.
 */
export function claimFolder(dir: string): Disposable {
  const file = join(dir, "claim.json");
  const own = Claim.parse({ pid: process.pid, startMark: startMark(process.pid) });
  const claimant = readClaim(file);
  if (claimant !== null) {
    if (startMark(claimant.pid) === claimant.startMark) throw alreadyRunning(dir, claimant.pid);
    rmSync(file, { force: true });
  }
  // Written aside and linked: the name appears with its whole content, and only for one of two at once.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (cause) {
    throw alreadyRunning(dir, readClaim(file)?.pid, cause);
  } finally {
    rmSync(draft, { force: true });
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

/**
 * Ends the servers that a killed node left running on this folder, and resolves when they are gone.
 *
 * @param lastArguments What only a server started by us on this folder is called with.
 * @returns How many there were.
 */
export async function endLeftovers(lastArguments: readonly string[]): Promise<number> {
  const pids = processesCalledWith(lastArguments);
  for (const pid of pids) {
    if (await endProcess(pid, graceMs)) continue;
    throw new NatsOperatorError("already-running", `could not end the left-over nats-server with pid ${pid}`);
  }
  return pids.length;
}

function readClaim(file: string): z.infer<typeof Claim> | null {
  try {
    return Claim.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // No file, or one cut short by a power cut: nobody alive wrote it, since a claim appears whole.
    return null;
  }
}

function alreadyRunning(dir: string, pid: number | undefined, cause?: unknown): NatsOperatorError {
  return new NatsOperatorError(
    "already-running",
    `process ${pid ?? "(unknown)"} runs a nats-server on ${dir}`,
    { cause },
  );
}
