/** A bound on how much is under way at once. Of those that wait, the lowest line goes first, so that the file's order is kept roughly. */

export interface Slots {
  run<Result>(line: number, work: () => Promise<Result>): Promise<Result>;
}

export function createSlots(count: number): Slots {
  const waiting: { readonly line: number; readonly begin: () => void }[] = [];
  let free = count;
  const next = (): void => {
    if (free === 0 || waiting.length === 0) return;
    const lowest = waiting.reduce(
      (low, one, index) => (one.line < (waiting[low]?.line ?? 0) ? index : low),
      0,
    );
    const [chosen] = waiting.splice(lowest, 1);
    free -= 1;
    chosen?.begin();
  };
  return {
    run: async (line, work) => {
      const turn = Promise.withResolvers<void>();
      waiting.push({ line, begin: turn.resolve });
      next();
      await turn.promise;
      try {
        return await work();
      } finally {
        free += 1;
        next();
      }
    },
  };
}
