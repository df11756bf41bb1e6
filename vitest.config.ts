/**
 * Four kinds of test, by where the file lies. `npm run check` runs unit and contract; `npm test` adds network.
 * Network tests start real nodes and real nats-servers, so they run one file at a time and may take a while.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: "unit",
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
          include: [
            "packages/*/test/**/*.test.ts",
            "services/*/test/**/*.test.ts",
            "test/vectors/**/*.test.ts",
            "test/differential/**/*.test.ts",
          ],
        },
      },
      {
        test: {
          name: "network",
          include: ["test/{network,history,hostile,faults}/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "simulation",
          include: ["test/simulation/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
        },
      },
    ],
  },
});
