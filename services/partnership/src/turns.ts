/** Acts on one thing take turns, in order of asking: decisions that would only refuse each other wait instead. */
export interface Turns {
  /** Runs `act` when everything asked before for the same key is over; at once where the key is null. */
  take<Result>(key: string | null, act: () => Promise<Result>): Promise<Result>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();

  return {
    take: (key, act) => {
      if (key === null) return act();
      const result = (last.get(key) ?? Promise.resolve()).then(act);
      // A fault goes to its own caller; the next in turn has its own try.
      const over = result.catch(() => {});
      last.set(key, over);
      void over.then(() => {
        if (last.get(key) === over) last.delete(key);
      });
      return result;
    },
  };
}
