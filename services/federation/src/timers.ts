/** Timers, passed in like the clock: so a simulation can let years pass. None of them keeps the process alive. */
export interface Timers {
  /** Runs `work` once after so many milliseconds; not at all when the answer is disposed before. */
  after(ms: number, work: () => void): Disposable;
  /** Runs `work` every so many milliseconds until the answer is disposed. */
  every(ms: number, work: () => void): Disposable;
  /** From 0 up to 1: spreads what would else happen on all nodes at once. */
  random(): number;
}

export const systemTimers: Timers = {
  after: (ms, work) => {
    const timer = setTimeout(work, ms).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
  every: (ms, work) => {
    const timer = setInterval(work, ms).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
  random: () => Math.random(),
};

/** Timers all of which end together: what is due after that does not run. */
export function endTogether(timers: Timers): Timers & Disposable {
  const running = new Set<Disposable>();
  const handleOf = (begin: (handle: Disposable) => Disposable): Disposable => {
    const handle: Disposable = {
      [Symbol.dispose]: () => {
        running.delete(handle);
        timer[Symbol.dispose]();
      },
    };
    running.add(handle);
    const timer = begin(handle);
    return handle;
  };
  return {
    after: (ms, work) =>
      handleOf((handle) =>
        timers.after(ms, () => {
          running.delete(handle);
          work();
        }),
      ),
    every: (ms, work) => handleOf(() => timers.every(ms, work)),
    random: timers.random,
    [Symbol.dispose]: () => {
      for (const handle of running) handle[Symbol.dispose]();
    },
  };
}

/** Waits, and ends early when told to stop: cut short is as good as over, since the caller looks at its signal. */
export async function pause(timers: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  using _timer = timers.after(ms, end);
  signal?.addEventListener("abort", end);
  await promise;
  signal?.removeEventListener("abort", end);
}
