/** A map of bounded size that forgets what was least lately used. */
export interface Lru<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  clear(): void;
}

/**
 * @param weight Of one value, in whatever unit `capacity` has. Default: one each.
 * @param onForgotten Called for what had to go to make room.
 */
export function createLru<Key, Value>(
  capacity: number,
  weight: (value: Value) => number = () => 1,
  onForgotten: (key: Key) => void = () => undefined,
): Lru<Key, Value> {
  const entries = new Map<Key, Value>();
  let held = 0;
  const remove = (key: Key): void => {
    const value = entries.get(key);
    if (value === undefined) return;
    entries.delete(key);
    held -= weight(value);
  };
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      // Maps remember the order of setting, so the first is the one least lately used.
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set: (key, value) => {
      remove(key);
      entries.set(key, value);
      held += weight(value);
      for (const oldest of entries.keys()) {
        if (held <= capacity || oldest === key) break;
        remove(oldest);
        onForgotten(oldest);
      }
    },
    delete: remove,
    clear: () => {
      entries.clear();
      held = 0;
    },
  };
}
