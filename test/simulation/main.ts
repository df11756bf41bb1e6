/**
 * Plays seeds of the simulation: `npm run simulate -- --seed 17` one, with every line that its nodes log; `--seeds 500 --from
 * 1` many, `--bail` no further than to the first that breaks. Prints what broke, and how to play it again.
 */
import { parseArgs } from "node:util";
import type { Outcome } from "./run.ts";
import { playSeeds, seedsFrom } from "./seeds.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "100" },
    bail: { type: "boolean", default: false },
  },
});
const print = (fields: object): void => {
  const readable = (_: string, value: unknown): unknown => (value instanceof Error ? value.message : value);
  process.stdout.write(`${JSON.stringify(fields, readable)}\n`);
};
const logger = { debug: print, info: print, warn: print, error: print };
let isOver = false;
function* unlessOver(seeds: Iterable<number>): Generator<number> {
  for (const seed of seeds) {
    if (isOver) return;
    yield seed;
  }
}
const onOutcome = ({ broken }: Outcome): void => {
  isOver = values.bail && broken.length > 0;
};
const began = process.cpuUsage();
const sum =
  values.seed === undefined
    ? await playSeeds(unlessOver(seedsFrom(Number(values.from), Number(values.seeds))), { onOutcome })
    : await playSeeds([Number(values.seed)], { logger });
const { user, system } = process.cpuUsage(began);
for (const told of sum.broken) process.stdout.write(`${told}\n`);
process.stdout.write(`${JSON.stringify(sum.counts)}\n`);
const each = ((user + system) / 1_000 / sum.seeds).toFixed(1);
process.stdout.write(`${sum.seeds} seeds, ${sum.broken.length} broken, ${each} ms of CPU each\n`);
process.exitCode = sum.broken.length === 0 ? 0 : 1;
