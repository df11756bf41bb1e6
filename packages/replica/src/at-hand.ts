/**
 * A bounded memory of what was used last, in two generations: when the younger is full, it becomes the older one, and what was
 * not used since is forgotten. Nothing is ever deleted one by one: that makes a Map slow at its oldest end.
 */
export type AtHand<Key, Value> = {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
};

/** @param most So many are kept at least, twice as many at most. */
export function createAtHand<Key, Value>(most: number): AtHand<Key, Value> {
  let young = new Map<Key, Value>();
  let old = new Map<Key, Value>();
  const set = (key: Key, value: Value): void => {
    if (young.size >= most) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    get: (key) => {
      const found = young.get(key);
      if (found !== undefined) return found;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    set,
  };
}
