/**
 * Which nats-server there is, and whether it may face strangers.
 *
 * The minimum follows the advisories of 2026, some of which need no login (protocol section 8). Older
 * servers run on loopback only.
 */
import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { NatsOperatorError } from "./fault.ts";

/** The first patch without known holes of each release line that has one. Lines from 2.14 on are all fine. */
const firstSafePatch: Readonly<Record<string, number>> = { "2.11": 16, "2.12": 7 };
const firstSafeMinor = 14;

/** True for any version older than 2.11.16, 2.12.7 or 2.14.0, for pre-releases, and for text that is not a version. */
export function isBelowMinimum(version: string): boolean {
  const found = /^v?(\d{1,5})\.(\d{1,5})\.(\d{1,5})$/.exec(version);
  if (found === null) return true;
  const [major = 0, minor = 0, patch = 0] = found.slice(1).map(Number);
  if (major !== 2) return major < 2;
  if (minor >= firstSafeMinor) return false;
  const safePatch = firstSafePatch[`${major}.${minor}`];
  return safePatch === undefined || patch < safePatch;
}

/**
 * The path of the nats-server to run: the one given, else the first in PATH, else Debian's.
 *
 * @throws {NatsOperatorError} `nats-server-not-found`.
 */
export function findNatsServer(given: string | undefined, path: string | undefined): string {
  const folders = [
    ...(path ?? "").split(delimiter).filter((folder) => folder !== ""),
    "/usr/sbin",
    "/usr/local/sbin",
  ];
  const candidates = given === undefined ? folders.map((folder) => join(folder, "nats-server")) : [given];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const where = given ?? "PATH, /usr/sbin or /usr/local/sbin";
  throw new NatsOperatorError("nats-server-not-found", `no nats-server in ${where}`);
}

/**
 * What a nats-server says of itself without being started.
 *
 * @throws {NatsOperatorError} `nats-server-failed` when the program does not answer as one.
 */
export async function readVersion(
  binary: string,
): Promise<{ readonly version: string; readonly belowMinimum: boolean }> {
  const { stdout } = await promisify(execFile)(binary, ["--version"], { timeout: 5_000 });
  const version = /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined)
    throw new NatsOperatorError("nats-server-failed", `${binary} is not a nats-server`);
  return { version, belowMinimum: isBelowMinimum(version) };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Absent and not executable are one answer: not this one.
    return false;
  }
}
