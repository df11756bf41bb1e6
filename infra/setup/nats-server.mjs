/**
 * Finds `nats-server`, or installs it with the package manager that is there. Every command is said before it runs.
 *
 * Without the right to install anything, Debian's package is unpacked into this checkout: the server is one
 * file and needs no more.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SetUpError, say } from "./say.mjs";
import { findCommand, installByApt, privileges, run } from "./system.mjs";

/** Where servers are installed that a plain user's PATH often lacks. */
const usualFolders = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"];

/**
 * @param {string} ours The folder that an unpacked server of our own would be in.
 * @returns {string | undefined} The full path of `nats-server`.
 */
export function findNatsServer(ours) {
  return findCommand("nats-server", [...usualFolders, join(ours, "usr", "sbin")]);
}

/** @param {string} ours Where to unpack a server when the machine may not be changed. */
export function installNatsServer(ours) {
  say("nats-server is not on this machine");
  const privilege = privileges();
  if (findCommand("apt-get") && privilege) byApt(privilege);
  else if (findCommand("brew")) run("brew", ["install", "nats-server"]);
  else if (findCommand("apt-get") && findCommand("dpkg-deb")) byUnpacking(ours);
  if (findNatsServer(ours)) return;
  throw new SetUpError(
    "could not install nats-server. Type `sudo apt-get install nats-server` (Debian, Ubuntu) or " +
      "`brew install nats-server` (macOS), or put the binary from " +
      "https://github.com/nats-io/nats-server/releases on your PATH; then try again",
  );
}

/** @param {string[]} privilege */
function byApt(privilege) {
  installByApt("nats-server", privilege);
  if (existsSync("/run/systemd/system")) {
    say(
      "Debian also starts a nats-server of its own as a service. Handfast does not use it; to be rid of it:",
    );
    say("  sudo systemctl disable --now nats-server");
  }
}

/** @param {string} ours */
function byUnpacking(ours) {
  const folder = mkdtempSync(join(tmpdir(), "handfast-nats-"));
  try {
    run("apt-get", ["-qq", "download", "nats-server"], folder);
    const [archive] = readdirSync(folder).filter((name) => name.endsWith(".deb"));
    if (archive === undefined) return;
    mkdirSync(ours, { recursive: true });
    run("dpkg-deb", ["--extract", join(folder, archive), ours]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
