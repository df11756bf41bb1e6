/** The tools that judge the code, by the file that starts each under the pinned Node. */
import { join } from "node:path";
import { node, root } from "./setup/places.mjs";
import { runToEnd } from "./setup/run-to-end.mjs";

const files = {
  biome: "@biomejs/biome/bin/biome",
  tsc: "typescript/bin/tsc",
  oxlint: "oxlint/bin/oxlint",
  vitest: "vitest/vitest.mjs",
};

/** What must hold before a test is worth running: form, imports and fences; types; promises. */
export const judges = /** @type {const} */ ([
  ["biome", "ci", "."],
  ["tsc", "-p", "."],
  ["oxlint", "--type-aware"],
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
