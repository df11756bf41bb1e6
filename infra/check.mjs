/**
 * `npm run check`: what a developer runs all day. Form, types, promises, and the tests that can see a changed file, all at
 * once; every failure is shown, not only the first. Starts no servers.
 *
 *   npm run check                      what changed since the branch left its upstream, committed or not
 *   npm run check -- packages/tlog     the tests of that folder instead
 *   npm run check -- --all             every unit and contract test, those that start servers too
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup/places.mjs";
import { exitWith } from "./setup/say.mjs";
import { setUp } from "./setup/set-up.mjs";
import { collectTool, judges } from "./tools.mjs";

await exitWith(async () => {
  const env = await setUp();
  const tests = testsFor(process.argv.slice(2));
  const runs = judges.map(([tool, ...args]) => collectTool({ env }, tool, ...args));
  if (tests.length > 0) runs.push(collectTool({ env }, "vitest", ...tests));
  else process.stderr.write("No source file has changed, so no test is run; --all runs every one.\n");

  const failed = [];
  for (const run of runs) {
    const { tool, code, output, seconds } = await run;
    process.stdout.write(`${code === 0 ? "ok  " : "FAIL"} ${tool} (${seconds} s)\n`);
    if (code === 0) continue;
    failed.push(tool);
    process.stdout.write(`${output}\n`);
  }
  if (failed.length > 0) process.stdout.write(`Failed: ${failed.join(", ")}\n`);
  return failed.length > 0 ? 1 : 0;
});

/**
 * @param {readonly string[]} asked
 * @returns {readonly string[]} Arguments for the test runner; none where there is nothing to run.
 */
function testsFor(asked) {
  const withoutServers = ["--reporter=dot", "--project", "unit", "--project", "contract"];
  if (asked.includes("--all")) {
    return ["run", ...withoutServers, "--project", "server", ...asked.filter((word) => word !== "--all")];
  }
  if (asked.length > 0) return ["run", ...withoutServers, ...asked];
  const changed = changedFiles().filter((path) => /\.(ts|mjs)$/.test(path) && existsSync(join(root, path)));
  return changed.length === 0 ? [] : ["related", "--run", "--passWithNoTests", ...withoutServers, ...changed];
}

/** Against the commit at which this branch left its upstream, or else against the last commit. */
function changedFiles() {
  const base = git("merge-base", "HEAD", "@{upstream}")[0] ?? "HEAD";
  return [...git("diff", "--name-only", base), ...git("ls-files", "--others", "--exclude-standard")];
}

/** @param {readonly string[]} args */
function git(...args) {
  try {
    const output = execFileSync("git", args, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output.split("\n").filter((line) => line !== "");
  } catch {
    return [];
  }
}
