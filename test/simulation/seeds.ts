/** Plays a range of seeds and tells of each that broke, so that it can be played again. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Logger } from "@handfast/bus/logger";
import { type Partners, preparePartners } from "./partners.ts";
import { type Outcome, run } from "./run.ts";

export type Sum = {
  readonly seeds: number;
  readonly broken: readonly string[];
  /** What happened, over all runs. */
  readonly counts: Readonly<Record<string, number>>;
};

/** Folders lie in memory where the machine has a file system there: they are written thousands of times. */
const openPartners = (): Promise<Partners> =>
  preparePartners(["orchard", "millrace", "ferry", "weir"], existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

/** One in so many runs is played twice, and must be the same run. */
const twiceEvery = 100;

export async function playSeeds(
  seeds: Iterable<number>,
  options: { readonly logger?: Logger; readonly onOutcome?: (outcome: Outcome) => void } = {},
): Promise<Sum> {
  using partners = await openPartners();
  const counts: Record<string, number> = {};
  const broken: string[] = [];
  let played = 0;
  for (const seed of seeds) {
    const outcome = await run(seed, partners, options.logger);
    played += 1;
    for (const [what, count] of Object.entries(outcome.counts)) counts[what] = (counts[what] ?? 0) + count;
    if (outcome.broken.length > 0) broken.push(toldOf(outcome));
    if (seed % twiceEvery === 0 && (await run(seed, partners)).trace !== outcome.trace)
      broken.push(`seed ${seed} is another run when it is played again`);
    options.onOutcome?.(outcome);
  }
  return { seeds: played, broken, counts };
}

const toldOf = ({ swarm, broken }: Outcome): string =>
  [
    `seed ${swarm.seed}: ${broken.slice(0, 3).join("; ")}`,
    `  with ${JSON.stringify(swarm)}`,
    `  again: npm run simulate -- --seed ${swarm.seed}`,
  ].join("\n");

export function* seedsFrom(first: number, count: number): Generator<number> {
  for (let seed = first; seed < first + count; seed += 1) yield seed;
}
