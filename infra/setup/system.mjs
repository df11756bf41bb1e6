/** What set-up asks of the machine: commands on it, and packages by Debian's package manager. Every command is said before it runs. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { say } from "./say.mjs";

/**
 * @param {string} name A package of Debian.
 * @param {string[]} privilege As `privileges` says.
 */
export function installByApt(name, privilege) {
  const apt = [...privilege, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"];
  const install = [...apt, "install", "--yes", "--no-install-recommends", name];
  const isInstalled = run(install[0] ?? "", install.slice(1));
  // A fresh image has no package lists yet.
  if (!isInstalled && run(apt[0] ?? "", [...apt.slice(1), "update"])) run(install[0] ?? "", install.slice(1));
}

/**
 * What to put before a command so that it runs as root without a question, or nothing when that cannot be.
 *
 * @returns {string[] | undefined}
 */
export function privileges() {
  if (process.getuid?.() === 0) return [];
  const canSudo = findCommand("sudo") && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
  return canSudo ? ["sudo", "-n"] : undefined;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} [folder]
 */
export function run(command, args, folder) {
  say(`running: ${[command, ...args].join(" ")}`);
  return spawnSync(command, args, { cwd: folder, stdio: ["ignore", 2, 2] }).status === 0;
}

/**
 * @param {string} command
 * @param {string[]} [alsoIn] Folders looked into after those of PATH.
 * @returns {string | undefined}
 */
export function findCommand(command, alsoIn = []) {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean), ...alsoIn];
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
