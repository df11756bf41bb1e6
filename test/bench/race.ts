/**
 * Ratios within one run. The machine drifts by almost half while a benchmark runs, so the sides take turns, lap by lap; each
 * round gives one ratio, and the median of the rounds counts. A ratio below 2 either way is noise.
 */

/** What one lap did. */
export type Lap = {
  readonly count: number;
  readonly seconds: number;
  /** Of each single thing done, where that was measured. */
  readonly latenciesMs?: readonly number[];
};

export type Side = {
  readonly name: string;
  readonly lap: () => Lap | Promise<Lap>;
  /** CPU time spent so far by the process that does the work, in milliseconds; NaN where it is not known. */
  readonly cpuMs?: () => number;
};

export type Rate = {
  readonly name: string;
  readonly perSecond: number;
  readonly p50Ms?: number;
  /** CPU time of one, in microseconds. */
  readonly cpuUs?: number;
};

export type Raced = {
  readonly ours: Rate;
  /** The limits and peers: `ratio` is how many times their rate ours is, `ratios` that of every round. */
  readonly beside: readonly (Rate & { readonly ratio: number; readonly ratios: readonly number[] })[];
};

type Timed = Lap & { readonly cpuMs: number };

/** Runs rounds in which every side runs one lap, the others before ours. One round more warms up, uncounted. */
export async function race(
  ours: Side,
  others: readonly Side[],
  options: { readonly rounds: number; readonly isWarmedUp?: boolean },
): Promise<Raced> {
  const sides = [...others, ours];
  if (options.isWarmedUp !== false) for (const { lap } of sides) await lap();
  const laps: Timed[][] = sides.map(() => []);
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, side] of sides.entries()) laps[index]?.push(await runLap(side));
  }
  const own = laps.at(-1) ?? [];
  return {
    ours: rateOf(ours.name, own),
    beside: others.map(({ name }, index) => {
      const those = laps[index] ?? [];
      const ratios = own.map((lap, round) => speed(lap) / speed(those[round] as Lap));
      return { ...rateOf(name, those), ratio: median(ratios), ratios };
    }),
  };
}

async function runLap({ lap, cpuMs = () => Number.NaN }: Side): Promise<Timed> {
  const before = cpuMs();
  const done = await lap();
  return { ...done, cpuMs: cpuMs() - before };
}

function rateOf(name: string, laps: readonly Timed[]): Rate {
  const latencies = laps.flatMap(({ latenciesMs = [] }) => latenciesMs);
  const cpuUs = median(laps.map(({ cpuMs, count }) => (1_000 * cpuMs) / count));
  return {
    name,
    perSecond: median(laps.map(speed)),
    ...(latencies.length === 0 ? {} : { p50Ms: median(latencies) }),
    ...(Number.isNaN(cpuUs) ? {} : { cpuUs }),
  };
}

const speed = ({ count, seconds }: Lap): number => count / seconds;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
