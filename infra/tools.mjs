/** The tools that judge the code, by the file that starts each under the pinned Node. */
import { spawn } from "node:child_process";
import { once } from "node:events";
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
 * Runs a tool beside others and keeps what it prints, so that outputs do not mix.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {keyof typeof files} tool
 * @param {readonly string[]} args
 * @returns {Promise<{ tool: string, code: number, output: string, seconds: string }>}
 */
export async function collectTool(env, tool, ...args) {
  const began = performance.now();
  const child = spawn(node, [join(root, "node_modules", files[tool]), ...args], {
    env: process.stdout.isTTY ? { ...env, FORCE_COLOR: "1" } : env,
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  return { tool, code: code ?? 1, output: `${stdout}${stderr}`, seconds };
}
