/**
 * Hours of what `npm test` does for minutes: `npm run soak -- --minutes 60 [--seed 17]`. Random seeds of the simulation and, every so
 * often, the tests that kill real processes. Prints how far it is once a minute, and what broke with the seed it broke with.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../simulation/random.ts";
import { playSeeds } from "../simulation/seeds.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const minutes = Number(values.minutes);
const first = Number(values.seed);
const root = join(import.meta.dirname, "..", "..");
const ends = performance.now() + minutes * 60_000;
const random = createRandom(first);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** As many seeds as take a minute, in one go. */
function* forAMinute(): Generator<number> {
  const until = Math.min(ends, performance.now() + 60_000);
  while (performance.now() < until) yield random.below(2 ** 31);
}

/** Real processes, killed at moments that a seed draws. */
async function killProcesses(seed: number): Promise<boolean> {
  const args = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--project", "network", "test/faults"];
  const env = { ...process.env, HANDFAST_TEST_SEED: String(seed) };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "ignore", "ignore"] });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0;
}

const everyRounds = 10;
let seeds = 0;
let kills = 0;
let broken = 0;
const counts: Record<string, number> = {};
say(`soak from seed ${first} for ${minutes} minutes`);
for (let round = 1; performance.now() < ends; round += 1) {
  const sum = await playSeeds(forAMinute());
  seeds += sum.seeds;
  broken += sum.broken.length;
  for (const told of sum.broken) say(told);
  for (const [what, count] of Object.entries(sum.counts)) counts[what] = (counts[what] ?? 0) + count;
  if (round % everyRounds === 0 && performance.now() < ends) {
    const seed = random.below(2 ** 31);
    kills += 1;
    if (!(await killProcesses(seed))) {
      broken += 1;
      say(`test/faults fails; again: HANDFAST_TEST_SEED=${seed} npx vitest run test/faults`);
    }
  }
  const left = Math.max(0, Math.round((ends - performance.now()) / 60_000));
  say(`${seeds} seeds, ${kills} times the tests of real processes, ${broken} broken, ${left} min left`);
}
say(JSON.stringify(counts));
process.exitCode = broken === 0 ? 0 : 1;
