/**
 * `npm test`: everything that judges this repository. Ends with one line, `N passed, N failed`, in which a tool
 * that finds fault counts as one failure, like a test. Runs all of it even when something fails early.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { offerChromium } from "./setup/chromium.mjs";
import { exitWith } from "./setup/say.mjs";
import { setUp } from "./setup/set-up.mjs";
import { collectTool, judges, runTool } from "./tools.mjs";

const projects = ["unit", "contract", "server", "thorough", "network"];
/** It only computes, and takes what the others, which mostly wait, leave of the cores. */
const projectsBeside = ["simulation"];

await exitWith(async () => {
  const env = await setUp();
  offerChromium();
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [tool, ...args] of judges) {
    const code = await runTool(env, tool, ...args);
    sum[code === 0 ? "passed" : "failed"] += 1;
  }

  const folder = mkdtempSync(join(tmpdir(), "handfast-test-"));
  const report = join(folder, "report.json");
  const reportBeside = join(folder, "report-beside.json");
  try {
    const beside = collectTool({ env, niceness: 10 }, "vitest", ...argsOf(projectsBeside, reportBeside));
    add(sum, await runTool(env, "vitest", ...argsOf(projects, report)), readReport(report));
    const { code, output, seconds } = await beside;
    process.stdout.write(`${output}${projectsBeside.join(", ")}: ${seconds} s beside the others\n`);
    add(sum, code, readReport(reportBeside));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : "";
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${skipped}\n`);
  return sum.failed === 0 ? 0 : 1;
});

/**
 * @param {readonly string[]} names Of vitest's projects.
 * @param {string} report Where the JSON reporter writes.
 */
function argsOf(names, report) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return ["run", ...names.flatMap((name) => ["--project", name]), ...reporters, ...process.argv.slice(2)];
}

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Sum
 *
 * @param {Sum} sum
 * @param {number} code Vitest's.
 * @param {Sum} tests
 */
function add(sum, code, tests) {
  sum.passed += tests.passed;
  sum.skipped += tests.skipped;
  // A run that broke outside of any test names no failed test, and failed all the same.
  sum.failed += code !== 0 && tests.failed === 0 ? 1 : tests.failed;
}

/**
 * @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult
 *
 * @param {string} path Where vitest's JSON reporter wrote.
 */
function readReport(path) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  /** @type {FileResult[]} */
  let files;
  try {
    files = JSON.parse(readFileSync(path, "utf8")).testResults;
  } catch {
    // No report: vitest did not come so far, which its exit code tells.
    return sum;
  }
  for (const file of files) {
    for (const { status } of file.assertionResults) {
      sum[status === "passed" || status === "failed" ? status : "skipped"] += 1;
    }
    // A file that could not be loaded holds no test that failed.
    const hasFailedTest = file.assertionResults.some(({ status }) => status === "failed");
    if (file.status === "failed" && !hasFailedTest) sum.failed += 1;
  }
  return sum;
}
