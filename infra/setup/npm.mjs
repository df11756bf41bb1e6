/** Runs npm so that it behaves the same under the pinned Node as under the machine's own. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { node, pathStartingWith, runtimeBin } from "./places.mjs";
import { SetUpError } from "./say.mjs";

/** npm tells the scripts it runs where it lies; called by that path it needs no shell, and runs under our Node. */
const told = process.env["npm_execpath"] ?? "";
const isTold = basename(told) === "npm-cli.js" && existsSync(told);

/**
 * Runs npm in a folder, under the pinned Node once that is there. Throws a `SetUpError` when it fails.
 *
 * @param {readonly string[]} args
 * @param {string} folder
 */
export function runNpm(args, folder) {
  const env = { ...pathStartingWith([runtimeBin]), ...globalSettings(), ...cacheOfItsOwn() };
  const { status } = spawnNpm(existsSync(node) ? node : process.execPath, args, {
    cwd: folder,
    env,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new SetUpError(`\`npm ${args[0]}\` in ${folder} failed; what npm said is above`);
}

/**
 * npm looks for the machine's settings (a registry, a certificate, a proxy) beside the Node it runs on, where the
 * pinned Node has none. So we ask the machine's npm where they are.
 */
function globalSettings() {
  const known = process.env["npm_config_globalconfig"];
  if (known !== undefined) return { npm_config_globalconfig: known };
  const asked = spawnNpm(process.execPath, ["config", "get", "globalconfig", "--loglevel=silent"], {
    stdio: ["ignore", "pipe", "ignore"],
    encoding: "utf8",
  });
  const answer = String(asked.stdout).trim();
  return answer === "" ? {} : { npm_config_globalconfig: answer };
}

/** An account without a home that can be written to still gets an npm cache. */
function cacheOfItsOwn() {
  try {
    accessSync(homedir(), constants.W_OK);
    return {};
  } catch {
    return { npm_config_cache: join(tmpdir(), "handfast-npm-cache") };
  }
}

/**
 * @param {string} underNode The Node to run npm on, when npm has told us its file.
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} options
 */
function spawnNpm(underNode, args, options) {
  const done = isTold
    ? spawnSync(underNode, [told, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (done.error === undefined) return done;
  throw new SetUpError(
    `npm could not be started (${done.error.message}). Install Node 20 or newer with npm 11`,
  );
}
