/**
 * Installs what a lockfile describes, once: a stamp in `node_modules` remembers for which lockfile, which Node
 * and which kind of machine that was done.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runNpm } from "./npm.mjs";
import { node, root, runtime } from "./places.mjs";
import { SetUpError, say } from "./say.mjs";

/** @typedef {{ readonly what: string, readonly folder: string, readonly args: readonly string[] }} Part A folder with a lockfile. */

/** @type {Part} */
export const pinnedNode = { what: "the pinned Node", folder: runtime, args: [] };

/** @type {Part} */
export const packages = {
  what: "the packages of the lockfile",
  folder: root,
  args: ["--strict-allow-scripts"],
};

/** @param {Part} part */
export function isInstalled(part) {
  try {
    return existsSync(node) && readFileSync(stampOf(part), "utf8") === keyOf(part);
  } catch {
    // No stamp is the ordinary case of a fresh checkout; a missing lockfile is told by npm, in its words.
    return false;
  }
}

/** @param {Part} part */
export function install(part) {
  say(`installing ${part.what}: npm ci in ${part.folder} ...`);
  const startedAt = Date.now();
  runNpm(
    ["ci", ...part.args, "--include=dev", "--include=optional", "--loglevel=error", "--no-progress"],
    part.folder,
  );
  if (part === pinnedNode) assertRuns();
  writeFileSync(stampOf(part), keyOf(part));
  say(`installed ${part.what} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** @param {Part} part */
const stampOf = (part) => join(part.folder, "node_modules", ".handfast-stamp");

/**
 * What an installation is known by: the kind of machine, the pinned Node, and what lies in `node_modules`. Which
 * room depends on which is in the lockfile too, but changes nothing there.
 *
 * @param {Part} part
 */
function keyOf(part) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const folder of new Set([runtime, part.folder])) {
    const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
    const installed = Object.entries(packages).filter(([place]) => place.includes("node_modules/"));
    hash.update(JSON.stringify(installed));
  }
  return `${hash.digest("hex")}\n`;
}

/** On a platform that has no binary of ours, or one that cannot run (musl, say), npm finishes all the same. */
function assertRuns() {
  const { status, error } = spawnSync(node, ["--version"], { stdio: "ignore" });
  if (status === 0) return;
  throw new SetUpError(
    `the pinned Node does not run on ${process.platform} ${process.arch} (${error?.message ?? `it ended with ${status}`}). ` +
      "It is made for Linux with glibc and macOS, x64 and arm64, and Windows x64",
  );
}
