/** The tools that judge the code, by the file that starts each under the pinned Node. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { node, root } from "./setup/places.mjs";
import { runToEnd } from "./setup/run-to-end.mjs";

const files = {
  biome: "@biomejs/biome/bin/biome",
  tsc: "typescript/bin/tsc",
  oxlint: "oxlint/bin/oxlint",
  vitest: "vitest/vitest.mjs",
  openapi: "../infra/lint-openapi.mjs",
};

/** What must hold before a test is worth running: form, imports and fences; types; promises; the document of the HTTP API. */
export const judges = /** @type {const} */ ([
  ["biome", "ci", "."],
  ["tsc", "-p", "."],
  ["oxlint", "--type-aware"],
  ["openapi"],
]);

/**
 * Runs a tool at the root of the repository.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {keyof typeof files} tool
 * @param {readonly string[]} args
 * @returns {Promise<number>} Its exit code.
 */
export function runTool(env, tool, ...args) {
  return runToEnd(node, [join(root, "node_modules", files[tool]), ...args], { env, cwd: root });
}

/**
 * Runs a tool beside others and keeps what it prints, so that outputs do not mix. Told to stop, it stops the tool.
 *
 * @param {{ env: NodeJS.ProcessEnv, niceness?: number }} under How far it yields to others, as `nice` counts: 0 to 19.
 * @param {keyof typeof files} tool
 * @param {readonly string[]} args
 * @returns {Promise<{ tool: string, code: number, output: string, seconds: string }>}
 */
export async function collectTool({ env, niceness = 0 }, tool, ...args) {
  const began = performance.now();
  const child = spawn(node, [join(root, "node_modules", files[tool]), ...args], {
    env: process.stdout.isTTY ? { ...env, FORCE_COLOR: "1" } : env,
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (niceness > 0 && child.pid !== undefined) setPriority(child.pid, niceness);
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => void child.kill(signal);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    const ended = once(child, "exit");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await ended;
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    return { tool, code: code ?? 1, output: `${stdout}${stderr}`, seconds };
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
