/** Whoever acts on one thing takes turns, in order of asking: decisions that would only refuse each other wait instead. */
export interface Turns {
  /**
   * Runs `act` when everything asked before for the same key has been settled.
   *
   * @param settled What the next in turn waits for beyond the act itself; the caller does not.
   */
  take<Result>(
    key: string | null,
    act: () => Promise<Result>,
    settled: (result: Result) => Promise<unknown>,
  ): Promise<Result>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();

  return {
    take: (key, act, settled) => {
      if (key === null) return act();
      const result = (last.get(key) ?? Promise.resolve()).then(act);
      // A fault is told to whoever asked; the next in turn has its own try.
      const over = result.then(settled).catch(() => {});
      last.set(key, over);
      void over.then(() => {
        if (last.get(key) === over) last.delete(key);
      });
      return result;
    },
  };
}
