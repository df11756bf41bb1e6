// Goal: whatever happens to machines, clocks, disks and the network between them, and whatever a peer sends, nothing that was
// acknowledged is lost, nothing is signed twice, and all honest nodes end with one history and make the same of it.
// Method: whole nodes (ledger, federation, folds) on simulated time, disks and network; faults drawn from the seed.
import { expect, it } from "vitest";
import { playSeeds, seedsFrom } from "./seeds.ts";

const seeds = Number(process.env["HANDFAST_SIMULATED_SEEDS"] ?? 3_000) / 2;

it(`the first half of the seeds`, { timeout: 3_600_000 }, async () => {
  const sum = await playSeeds(seedsFrom(1, seeds));
  expect(sum.broken).toEqual([]);
  expect(sum.seeds).toBe(seeds);
});
