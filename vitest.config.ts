/**
 * Six kinds of test, by where the file lies. `npm run check` runs unit and contract tests, which start no servers; `npm test`
 * runs all six.
 * Network tests start real nodes and real nats-servers, so they run one file at a time and may take a while.
 */
import { hash } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Laws and tamperings by the hundred: contracts too, but seconds each, and `check` is run all day. */
const thorough = [
  "packages/domain/test/commitment/laws.test.ts",
  "packages/nats-operator/test/server.test.ts",
  "services/auditor/test/verify.test.ts",
  "test/differential/**/*.test.ts",
];

/** Contracts of what talks to a real nats-server, process or socket. */
const server = [
  "packages/{bus,nats-operator}/test/**/*.test.ts",
  "services/{federation,gateway,ledger,partnership}/test/**/*.test.ts",
  "test/browser/**/*.test.ts",
];

/** A limit for what hangs, not for what is slow: both cores may be busy with something else. */
const testTimeout = 240_000;

/** Vitest keeps resolved imports between runs and does not look whether `exports` moved since: so a cache for each set of manifests. */
const manifests = globSync("{packages,services}/*/package.json", { cwd: import.meta.dirname })
  .sort()
  .map((path) => readFileSync(`${import.meta.dirname}/${path}`, "utf8"));
const fsModuleCachePath = `node_modules/.vitest-cache/${hash("sha256", manifests.join("")).slice(0, 16)}`;

/** What a host keeps of its nodes: of this run's nodes only, and gone with it. */
const stateDir = mkdtempSync(join(tmpdir(), "handfast-state-"));
process.env["HANDFAST_STATE_DIR"] = stateDir;
process.once("exit", () => rmSync(stateDir, { recursive: true, force: true }));

export default defineConfig({
  test: {
    fsModuleCachePath,
    passWithNoTests: true,
    // One worker less than cores would be one, on a machine of two; and contract tests mostly wait for servers.
    maxWorkers: 3,
    // `npm run coverage`: every branch of what decides whether something is true, and what it means, has been taken by a test.
    coverage: {
      provider: "v8",
      include: ["packages/{tlog,replica}/src/**/*.ts", "packages/domain/src/laws/**/*.ts"],
      exclude: ["**/*.test.ts"],
      reporter: ["text"],
      reportsDirectory: "node_modules/.cache/coverage",
      thresholds: {
        "packages/tlog/src/**": { branches: 100 },
        "packages/domain/src/laws/**": { branches: 100 },
        // What is left is about second histories of which too little is known: not yet 100.
        "packages/replica/src/**": { branches: 95 },
      },
    },
    projects: [
      {
        test: {
          name: "unit",
          testTimeout,
          include: [
            "packages/**/src/**/*.test.ts",
            "services/**/src/**/*.test.ts",
            "test/architecture/**/*.test.ts",
          ],
        },
      },
      {
        test: {
          name: "contract",
          testTimeout,
          include: [
            "packages/*/test/**/*.test.ts",
            "services/*/test/**/*.test.ts",
            "test/vectors/**/*.test.ts",
          ],
          exclude: [...thorough, ...server],
        },
      },
      { test: { name: "server", testTimeout, include: server, exclude: thorough } },
      {
        test: {
          name: "network",
          include: ["test/{network,history,hostile,faults}/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: { name: "simulation", include: ["test/simulation/**/*.test.ts"], testTimeout: 3_600_000 },
      },
      { test: { name: "thorough", include: thorough, testTimeout: 900_000 } },
    ],
  },
});
