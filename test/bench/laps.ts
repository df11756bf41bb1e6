/** How a lap is measured: so many things in one go, or callers that go on for a while. */
import type { Lap } from "./race.ts";

/** A lap of so many things done by `work` in one go. */
export async function timed(count: number, work: () => unknown): Promise<Lap> {
  const start = performance.now();
  await work();
  return { count, seconds: (performance.now() - start) / 1_000 };
}

/** A lap of `work` again and again, which does so many things each time. */
export function repeating(forMs: number, things: number, work: () => void): Lap {
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < forMs; count += things) work();
  return { count, seconds: (performance.now() - start) / 1_000 };
}

/** A lap of `callers` that each do one thing after another for a while, and at least one. */
export async function calling(
  callers: number,
  forMs: number,
  call: (caller: number) => Promise<void>,
): Promise<Lap> {
  const latenciesMs: number[] = [];
  const start = performance.now();
  const caller = async (index: number): Promise<void> => {
    for (let now = start, done = start; now === start || now - start < forMs; now = done) {
      await call(index);
      done = performance.now();
      latenciesMs.push(done - now);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, index) => caller(index)));
  return { count: latenciesMs.length, seconds: (performance.now() - start) / 1_000, latenciesMs };
}
